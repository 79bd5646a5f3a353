namespace Simmer;

/// <summary>A job given to <c>OnFailure</c> or <c>Finally</c>.</summary>
internal sealed record TailStep(string? Name, IJob Job, EnqueueOptions? Options)
{
    public static TailStep Once(TailStep? present, string what, IJob job, EnqueueOptions? options)
    {
        ArgumentNullException.ThrowIfNull(job);
        return Once(present, what, new TailStep(null, job, options));
    }

    public static TailStep Once(TailStep? present, string what, string name, IJob job, EnqueueOptions? options)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(job);
        return Once(present, what, new TailStep(name, job, options));
    }

    private static TailStep Once(TailStep? present, string what, TailStep step) => present is null ? step
        : throw new InvalidOperationException(
            $"There is {(what == "OnFailure" ? "an" : "a")} {what} already ({present.Job.GetType().Name}); there can be one. For several "
                + "jobs, let it add steps or enqueue a chain.");
}
