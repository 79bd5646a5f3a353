namespace Simmer;

/// <summary>This process as a worker.</summary>
public sealed class WorkerOptions
{
    /// <summary>Whether this process runs durable jobs; without it, it only enqueues (in-memory queues and after-response tasks run all the
    /// same).</summary>
    /// <value>Default: <see langword="true"/>.</value>
    public bool Enabled { get; set; } = true;

    /// <summary>Its name, for people.</summary>
    /// <value>Default: the machine's name and the process id; from 1 to 200 characters.</value>
    public string? Name { get; set; }

    /// <summary>The queues it works on; empty: all declared ones whose requirements it meets.</summary>
    /// <value>Default: empty.</value>
    public IList<string> Queues { get; set; } = [];

    /// <summary>What it offers to queues that require something, such as <c>ffmpeg</c>.</summary>
    /// <value>Default: empty.</value>
    public IList<string> Capabilities { get; set; } = [];
}
