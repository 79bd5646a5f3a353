using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Moves the WAL into the database every 100 ms while there are commits, so that the writer never stops for it. Never blocks anybody: passive.</summary>
internal sealed class Checkpointer
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly SqliteDatabase _database;
    private readonly ILogger _logger;
    private readonly ManualResetEventSlim _committed = new(false, spinCount: 0);
    private readonly ManualResetEventSlim _closed = new(false, spinCount: 0);
    private readonly Thread _thread;
    private volatile StoreException? _obstacle;

    public Checkpointer(SqliteDatabase database, ILogger logger)
    {
        (_database, _logger) = (database, logger);
        _thread = new Thread(Loop) { Name = "simmer-sqlite-checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The database file is gone: what is written now is written into a file without a name.</summary>
    public StoreException? Obstacle => _obstacle;

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
                LookForTheFile();
                session ??= _database.OpenCheckpoints();
                _ = session.Scalar("PRAGMA wal_checkpoint(PASSIVE)");
            }
            catch (Exception e)
            {
                // The WAL only grows meanwhile; the writer tells its callers of real trouble.
                Log.CheckpointFailed(_logger, e, _database.Path);
                session?.Dispose();
                session = null;
            }
        }

        session?.Dispose();
    }

    private void LookForTheFile()
    {
        if (File.Exists(_database.Path))
        {
            _obstacle = null;
        }
        else if (_obstacle is null)
        {
            Log.FileGone(_logger, _database.Path);
            _obstacle = new StoreException(
                $"The SQLite database '{_database.Path}' was deleted or moved while it was open. What is written now would be lost, so nothing is: put the file back, or restart the process to begin a new one.");
        }
    }
}
