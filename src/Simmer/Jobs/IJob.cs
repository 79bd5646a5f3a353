namespace Simmer;

/// <summary>A job: a record that says what is to be done. It is stored under a stable kind (see <see cref="JobAttribute"/>), never under
/// its CLR name.</summary>
/// <remarks>Keep it small and serialisable: identifiers rather than objects. Jobs are classes (records), not structs.</remarks>
public interface IJob
{
    /// <summary>Describes the type of the job's result without reflection. The two interfaces implement it; a job never does.</summary>
    /// <param name="shape">Receives the description.</param>
    static virtual void Describe(IJobShape shape)
    {
        // A job without a result describes nothing.
    }
}

/// <summary>A job that gives a result.</summary>
/// <typeparam name="TResult">The result's type; it must be serialisable when the queue is durable.</typeparam>
public interface IJob<out TResult> : IJob
{
    static void IJob.Describe(IJobShape shape) => shape.Result<TResult>();
}

/// <summary>Receives the description of a job type (see <see cref="IJob.Describe"/>).</summary>
public interface IJobShape
{
    /// <summary>Says that the job gives a <typeparamref name="TResult"/>.</summary>
    /// <typeparam name="TResult">The result's type.</typeparam>
    void Result<TResult>();
}
