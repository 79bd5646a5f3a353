using System.Text.Json;

namespace Simmer;

/// <summary>Simmer's options. Code sets them, the configuration section <c>Simmer</c> tunes them and wins.</summary>
public sealed class SimmerOptions
{
    /// <summary>The declared queues by name. Declare them with <c>AddQueue</c>; configuration may only tune declared ones.</summary>
    public IDictionary<string, QueueOptions> Queues { get; } = new Dictionary<string, QueueOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>This process as a worker.</summary>
    public WorkerOptions Worker { get; } = new();

    /// <summary>The version of the application, for what it declares of its queues in a database (<see cref="QueueOptions.KeepSucceeded"/>,
    /// <see cref="QueueOptions.KeepFailed"/>). Processes of two versions run beside one another while it is deployed, and start in any
    /// order: the declaration of the newest version counts, and an older one never overwrites it. Of two different declarations under one
    /// version the first stays, with a warning (event 1083), so raise the version with each release.</summary>
    /// <value>Default: the version of the entry assembly (<c>&lt;Version&gt;</c> in its project; 1.0.0.0 where none is set), or 0.0 where
    /// there is none.</value>
    public Version? ApplicationVersion { get; set; }

    /// <summary>How many attempts count before a job is failed.</summary>
    /// <value>Default: 10; from 1.</value>
    public int DefaultMaxAttempts { get; set; } = 10;

    /// <summary>The time limit of one attempt.</summary>
    /// <value>Default: 30 minutes; from 1 millisecond, or <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</value>
    public TimeSpan DefaultTimeLimit { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a handler may go on after it was told to stop before it is reported as stuck.</summary>
    /// <value>Default: 10 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The lease of this worker: after this long without a beat its jobs are taken back. It stands in the worker's row, so that
    /// processes with other leases judge it by this one.</summary>
    /// <value>Default: 15 seconds; from 3 seconds to 1 day.</value>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often an idle worker looks for work that no hint announced.</summary>
    /// <value>Default: 5 seconds; from 100 milliseconds to 1 day.</value>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often finished jobs whose time is over are deleted.</summary>
    /// <value>Default: 1 minute; from 1 second to 1 day.</value>
    public TimeSpan PruneInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an enqueue waits for a store that is busy or away before it is refused.</summary>
    /// <value>Default: 10 seconds; from 1 millisecond to 1 day.</value>
    public TimeSpan EnqueueTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How far this process's clock may differ from the database's, or jump against its own monotonic clock, before the process
    /// does no more upkeep. It then makes no scheduled job ready, deletes nothing and logs an error, until its clock is right. On
    /// PostgreSQL all times of jobs go by the server's clock in any case. On SQLite and in memory time goes on evenly over a jump; the new
    /// time is believed when the clock has been steady for 5 minutes, as after a night in which the machine slept.</summary>
    /// <value>Default: 5 minutes; from 1 second to 1 day.</value>
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The largest payload, in bytes of JSON.</summary>
    /// <value>Default: 1 MiB; from 1 byte to 256 MiB.</value>
    public int MaxPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>The largest result, in bytes of JSON.</summary>
    /// <value>Default: 1 MiB; from 1 byte to 256 MiB.</value>
    public int MaxResultBytes { get; set; } = 1024 * 1024;

    /// <summary>How records and results are written. Set its <see cref="JsonSerializerOptions.TypeInfoResolver"/> to your source-generated
    /// context for trimming and native AOT.</summary>
    /// <value>Default: <see cref="JsonSerializerDefaults.Web"/>, by reflection where that is switched on.</value>
    public JsonSerializerOptions Json { get; set; } = new(JsonSerializerDefaults.Web);
}
