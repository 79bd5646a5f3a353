namespace Simmer;

/// <summary>Names a job's kind and sets its defaults. Without it the kind is the record's name in kebab-case (<c>SendWelcome</c> →
/// <c>send-welcome</c>).</summary>
/// <param name="kind">The stable name under which the job is stored; <see langword="null"/>: the record's name in kebab-case.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class JobAttribute(string? kind = null) : Attribute
{
    /// <summary>The stable name under which the job is stored.</summary>
    public string? Kind { get; } = kind;

    /// <summary>The queue it goes to unless the enqueue says otherwise.</summary>
    /// <value>Default: <c>"default"</c>.</value>
    public string? Queue { get; set; }

    /// <summary>How many attempts count before the job is <see cref="JobState.Failed"/>.</summary>
    /// <value>Default: 0, which means the option <see cref="SimmerOptions.DefaultMaxAttempts"/>; from 1.</value>
    public int MaxAttempts { get; set; }

    /// <summary>The time limit of one attempt, in seconds.</summary>
    /// <value>Default: 0, which means the option <see cref="SimmerOptions.DefaultTimeLimit"/>; from 0.001, or
    /// <see cref="double.PositiveInfinity"/> for no limit.</value>
    public double TimeLimitSeconds { get; set; }

    /// <summary>What the steps give that the job adds to its workflow at run time (see
    /// <see cref="JobContext.AddStep(IJob, EnqueueOptions?)"/>): a step after it may then take an <see cref="IReadOnlyList{T}"/>
    /// of it.</summary>
    /// <value>Default: <see langword="null"/>, which promises nothing; steps may be added all the same.</value>
    public Type? Adds { get; set; }

    /// <summary>Its priority: higher runs first, from -1,000 to 1,000.</summary>
    /// <value>Default: 0.</value>
    public int Priority { get; set; }
}
