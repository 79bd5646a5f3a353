namespace Simmer.Load.Measuring;

/// <summary>What this process has used so far, all threads together; the difference of two is what a stretch of work cost.</summary>
internal readonly record struct Usage(double CpuSeconds, long Bytes, StoreWork Sqlite)
{
    public static Usage Now() =>
        new(Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), SqliteTrace.Work);

    public static Usage operator -(Usage one, Usage other) =>
        new(one.CpuSeconds - other.CpuSeconds, one.Bytes - other.Bytes, one.Sqlite - other.Sqlite);

    public static Usage operator +(Usage one, Usage other) =>
        new(one.CpuSeconds + other.CpuSeconds, one.Bytes + other.Bytes, one.Sqlite + other.Sqlite);
}

/// <summary>What a database was asked, as far as it is counted.</summary>
internal readonly record struct StoreWork(long Statements, long Looks, long Commits)
{
    public static StoreWork operator -(StoreWork one, StoreWork other) =>
        new(one.Statements - other.Statements, one.Looks - other.Looks, one.Commits - other.Commits);

    public static StoreWork operator +(StoreWork one, StoreWork other) =>
        new(one.Statements + other.Statements, one.Looks + other.Looks, one.Commits + other.Commits);
}
