using System.Text.Json;

namespace Simmer.CrashTests.Worker;

/// <summary>One life of a worker process, as the test starts it.</summary>
/// <param name="Folder">The folder of its files.</param>
/// <param name="Life">The number of this life, which its effects bear.</param>
public sealed record WorkerLife(string Folder, int Life)
{
    /// <summary>Short, so that a rescue comes within the test.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    /// <summary>How many callers enqueue in this process itself. Their jobs are dispatched without a claim.</summary>
    public int Callers { get; init; }

    /// <summary>Its callers enqueue jobs that do nothing, each as fast as it can.</summary>
    public bool Saturates { get; init; }

    /// <summary>How many jobs of the default queue run at once.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>The exact number of threads of the pool; 0: the runtime decides.</summary>
    public int PoolThreads { get; init; }

    /// <summary>The host's shutdown deadline, in seconds.</summary>
    public int ShutdownSeconds { get; init; } = 10;

    /// <summary>The queues it works on; empty: all.</summary>
    public string[] Queues { get; init; } = [];

    /// <summary>The call to the store at which it dies; null: at none.</summary>
    public KillPoint? Kill { get; init; }

    /// <summary>For how many seconds it enqueues one light job after another and measures how long each waits; 0: not at all.</summary>
    public int ProbeSeconds { get; init; }

    /// <summary>While this file exists, the faults of its disk are on.</summary>
    public string FaultGate => Path.Combine(Folder, $"life-{Life}.faults");

    public static string Jobs(string folder) => $"Data Source={Path.Combine(folder, "jobs.db")}";

    public static string Effects(string folder) => $"Data Source={Path.Combine(folder, "effects.db")}";

    public static WorkerLife Parse(string argument) => JsonSerializer.Deserialize<WorkerLife>(argument)!;

    public string ToArgument() => JsonSerializer.Serialize(this);
}
