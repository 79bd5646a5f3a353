namespace Simmer.Sqlite;

/// <summary>Reads on a connection of its own, so that a long read holds up no writer.</summary>
internal sealed class ReaderThread : StoreThread
{
    private readonly Func<SqliteSession> _open;
    private readonly string _path;
    private readonly FileGuard _guard;
    private SqliteSession? _session;

    public ReaderThread(string name, string path, Func<SqliteSession> open, FileGuard guard)
        : base(name, new ThreadWaker()) =>
        (_path, _open, _guard) = (path, open, guard);

    protected override void Run(List<WorkItem> batch)
    {
        foreach (var item in batch)
        {
            if (item.TryBegin())
            {
                Run(item);
            }
        }
    }

    protected override void Closing() => _session?.Dispose();

    private void Run(WorkItem item)
    {
        try
        {
            if (_guard.Obstacle is { } obstacle)
            {
                throw obstacle;
            }

            item.Run(_session ??= _open());
            item.Complete();
        }
        catch (Exception e)
        {
            if (e is not StoreException)
            {
                // An interrupted statement would hold its snapshot, and with it the WAL.
                _session?.Dispose();
                _session = null;
            }

            var said = StoreFaults.From(e, _path, FaultPhase.Reading);
            _guard.Learn(e, said);
            item.Fail(said);
        }
    }
}
