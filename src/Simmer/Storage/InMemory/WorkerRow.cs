namespace Simmer.Storage.InMemory;

/// <summary>A registered worker; guarded by the store's lock.</summary>
internal sealed class WorkerRow(WorkerId id, WorkerInfo info, DateTimeOffset lastBeat)
{
    private IReadOnlyCollection<string>? _kindsGiven;
    private IReadOnlySet<string>? _kinds;

    public WorkerId Id => id;

    public WorkerInfo Info => info;

    public long Beats { get; set; }

    public DateTimeOffset LastBeat { get; set; } = lastBeat;

    public IReadOnlyList<string> IdleQueues { get; set; } = [];

    /// <summary>The number of its last flush. One worker sends one flush at a time, so everything up to it was carried out.</summary>
    public long LastFlush { get; set; }

    public RowList Owned { get; } = new();

    /// <summary>The kinds as a set; a worker gives the same collection with every flush, so it is made once.</summary>
    public IReadOnlySet<string> SetOf(IReadOnlyCollection<string> kinds)
    {
        if (_kinds is null || !ReferenceEquals(_kindsGiven, kinds))
        {
            (_kindsGiven, _kinds) = (kinds, kinds as IReadOnlySet<string> ?? new HashSet<string>(kinds, StringComparer.Ordinal));
        }

        return _kinds;
    }
}
