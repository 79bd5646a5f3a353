using Microsoft.Extensions.Logging;

namespace Simmer.Sqlite;

/// <summary>Moves the WAL into the database every 100 ms while there are commits, so that the writer never stops for it. The checkpoint is
/// passive and blocks nothing.</summary>
internal sealed class Checkpointer
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly SqliteDatabase _database;
    private readonly FileGuard _guard;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _committed = new(false, spinCount: 0);
    private readonly ManualResetEventSlim _closed = new(false, spinCount: 0);
    private readonly Thread _thread;

    public Checkpointer(SqliteDatabase database, FileGuard guard, ILogger logger)
    {
        (_database, _guard, _logger) = (database, guard, logger);
        _thread = new Thread(Loop) { Name = "simmer-sqlite-checkpoint", IsBackground = true };
    }

    public void Start() => _thread.UnsafeStart();

    public void Committed()
    {
        if (!_committed.IsSet)
        {
            _committed.Set();
        }
    }

    public void Close()
    {
        _closed.Set();
        _committed.Set();
        _thread.Join();
    }

    private void Loop()
    {
        SqliteSession? session = null;
        while (!_closed.IsSet)
        {
            _committed.Wait();
            if (_closed.Wait(s_pause))
            {
                break;
            }

            _committed.Reset();
            try
            {
                if (_guard.Obstacle is not null)
                {
                    continue;
                }

                session ??= _database.OpenCheckpoints();
                _ = session.Scalar("PRAGMA wal_checkpoint(PASSIVE)");
            }
            catch (Exception e)
            {
                // Until it works again the WAL only grows. Real trouble meets the writer as well, which tells its callers.
                Log.CheckpointFailed(_logger, e, _database.Path);
                session?.Dispose();
                session = null;
            }
        }

        session?.Dispose();
    }
}
