namespace Simmer;

/// <summary>One queue.</summary>
public sealed class QueueOptions
{
    /// <summary>Whether jobs outlive the process.</summary>
    /// <value>Default: <see cref="Durability.Durable"/> when a database is configured, else <see cref="Durability.InMemory"/>.</value>
    public Durability Durability { get; set; }

    /// <summary>How many of its jobs run at once in this process.</summary>
    /// <value>Default: 16; from 1 to 100,000.</value>
    public int Concurrency { get; set; } = 16;

    /// <summary>The threads on which its handlers run. If handlers block threads (synchronous I/O, <c>.Result</c>, a long computation),
    /// give their queue threads of its own; then they slow down neither requests nor other queues.</summary>
    /// <value>Default: <see cref="QueueThreads.Shared"/>.</value>
    public QueueThreads Threads { get; set; }

    /// <summary>What a worker must offer to run its jobs.</summary>
    /// <value>Default: nothing.</value>
    public IList<string> Requires { get; set; } = [];

    /// <summary>In memory: how many jobs may wait before enqueueing throws <see cref="QueueFullException"/>.</summary>
    /// <value>Default: 100,000; 10,000 for after-response tasks; from 1.</value>
    public int Capacity { get; set; } = 100_000;

    /// <summary>How long succeeded jobs are kept. A result is kept for at least 10 minutes. With zero they are not kept: a caller that
    /// waits in the process that ran the job learns how it ended, one elsewhere that it has finished and is not kept.</summary>
    /// <value>Default: 1 day; from zero to <see cref="TimeSpan.MaxValue"/> (for ever).</value>
    public TimeSpan KeepSucceeded { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long failed and cancelled jobs are kept. With zero they are not kept: a caller that waits in the process that ran the
    /// job learns how it ended and why, one elsewhere that it has finished and is not kept.</summary>
    /// <value>Default: 14 days; from zero to <see cref="TimeSpan.MaxValue"/> (for ever).</value>
    public TimeSpan KeepFailed { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Whether a job that this process enqueues may start here right after the commit, without a claim.</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool LocalDispatch { get; set; } = true;

    /// <summary>How many jobs may be claimed ahead of free slots, if runs are so short that the round trip matters.</summary>
    /// <value>Default: 200; from 0, which switches prefetching off, to 100,000.</value>
    public int MaxPrefetch { get; set; } = 200;
}

/// <summary>Whether jobs outlive the process.</summary>
public enum Durability
{
    /// <summary>Durable when a database is configured.</summary>
    Auto = 0,

    /// <summary>In the database; an error at start if none is configured.</summary>
    Durable = 1,

    /// <summary>In this process's memory: fast, lost if the process dies.</summary>
    InMemory = 2,
}
