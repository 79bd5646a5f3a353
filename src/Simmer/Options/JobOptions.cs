namespace Simmer;

/// <summary>One kind of job, as registered with <c>AddJob</c>; starts from its <see cref="JobAttribute"/>.</summary>
public sealed class JobOptions
{
    /// <summary>The stable name under which it is stored.</summary>
    public string? Kind { get; set; }

    /// <summary>The queue it goes to unless the enqueue says otherwise.</summary>
    /// <value>Default: <c>"default"</c>.</value>
    public string? Queue { get; set; }

    /// <summary>How many attempts count before it is failed.</summary>
    /// <value>Default: <see cref="SimmerOptions.DefaultMaxAttempts"/>; from 1.</value>
    public int? MaxAttempts { get; set; }

    /// <summary>The time limit of one attempt.</summary>
    /// <value>Default: <see cref="SimmerOptions.DefaultTimeLimit"/>; from 1 millisecond, or <see cref="Timeout.InfiniteTimeSpan"/> for no
    /// limit.</value>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>Its priority: higher runs first.</summary>
    /// <value>Default: 0; from -1,000 to 1,000.</value>
    public int Priority { get; set; }

    /// <summary>When failed attempts are tried again.</summary>
    /// <value>Default: <see cref="RetryPolicy.Default"/>.</value>
    public RetryPolicy Retry { get; set; } = RetryPolicy.Default;
}
