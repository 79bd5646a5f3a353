namespace Peers.Running;

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often each contestant has its turn.</param>
/// <param name="Seconds">How long callers enqueue single jobs, after a third of it as a warm-up.</param>
/// <param name="Share">How much of its usual number of waiting jobs a contestant drains.</param>
/// <param name="Jobs">How many instead, whatever is usual.</param>
/// <param name="Starts">How many jobs are timed in an idle system.</param>
/// <param name="PolledStarts">How many where nothing wakes the worker, which takes about as many seconds.</param>
internal sealed record Plan(int Rounds, double Seconds, double Share, int? Jobs, int Starts, int PolledStarts)
{
    public const int Callers = 64;

    /// <summary>Jobs a call, where a call enqueues many.</summary>
    public const int BulkSize = 1_000;

    /// <summary>So that one is put together while the other is stored.</summary>
    public const int BulkCallers = 2;

    public double WarmUpSeconds => Seconds / 3;

    public static Plan Make(bool quick, int? jobs) => quick ? new(1, 1, 0.1, jobs, 60, 10) : new(3, 3, 1, jobs, 400, 50);

    /// <summary>How many jobs to drain, in whole calls.</summary>
    public int JobsOf(int usual) => Math.Max(1, (int)((Jobs ?? (usual * Share)) / BulkSize)) * BulkSize;
}
