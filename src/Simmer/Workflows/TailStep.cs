namespace Simmer;

/// <summary>A job given to <c>OnFailure</c> or <c>Finally</c>.</summary>
internal sealed record TailStep(IJob Job, string? Name, EnqueueOptions? Options)
{
    public static TailStep Once(TailStep? present, string what, IJob job, string? name, EnqueueOptions? options)
    {
        ArgumentNullException.ThrowIfNull(job);
        return present is null ? new TailStep(job, name, options) : throw new InvalidOperationException(
            $"There is {(what == "OnFailure" ? "an" : "a")} {what} already ({present.Job.GetType().Name}); there can be one. For several "
                + "jobs, let it add steps or enqueue a chain.");
    }
}
