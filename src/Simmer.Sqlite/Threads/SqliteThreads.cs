using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Simmer.Sqlite;

/// <summary>The threads of an open store, each with a connection of its own. All are started when it is made.</summary>
/// <remarks>One thread writes, and everything that waits for it shares a transaction and its sync. The heartbeat has another, and so have
/// the reads of the engine and those of clients: nothing of the latter is in the way of the former.</remarks>
internal sealed class SqliteThreads
{
    private readonly Checkpointer _checkpointer;

    private SqliteThreads(MainWriter writer, WriterThread beat, ReaderThread reader, ReaderThread browser, Checkpointer checkpointer) =>
        (Writer, Beat, Reader, Browser, _checkpointer) = (writer, beat, reader, browser, checkpointer);

    /// <summary>Writes everything but the heartbeat.</summary>
    public MainWriter Writer { get; }

    /// <summary>Writes the heartbeat.</summary>
    public WriterThread Beat { get; }

    /// <summary>Reads for the engine.</summary>
    public ReaderThread Reader { get; }

    /// <summary>Reads for clients: however many ask and watch, the engine waits for none of them.</summary>
    public ReaderThread Browser { get; }

    /// <summary>Starts the threads. Each opens its connection with the first work it gets.</summary>
    /// <exception cref="IOException">A file beside the database cannot be opened.</exception>
    public static SqliteThreads Open(SqliteDatabase database, SqliteStoreOptions options, ILogger logger, WriterHints hints)
    {
        var (path, guard) = (database.Path, new FileGuard(database.Path, database.Name, logger));
        var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        var create = true;
        var checkpointer = new Checkpointer(database, guard, logger);
        var writer = new MainWriter(database, OpenWriter, options.LockTimeout, random, guard, logger, hints, checkpointer);
        WriterThread beat;
        try
        {
            beat = new WriterThread("simmer-sqlite-beat", new ThreadWaker(), path, database.OpenBeat, options.LockTimeout,
                new Random(random.Next()), guard, logger);
        }
        catch
        {
            writer.Close();
            throw;
        }

        var threads = new SqliteThreads(
            writer, beat,
            new ReaderThread("simmer-sqlite-read", path, database.OpenReader, guard),
            new ReaderThread("simmer-sqlite-browse", path, database.OpenReader, guard),
            checkpointer);
        threads.Start();
        return threads;

        SqliteSession OpenWriter()
        {
            // Only the first time: when the connection is opened anew, a file that is gone must not be replaced by an empty one.
            var session = database.OpenWriter(create);
            create = false;
            guard.Opened();
            return session;
        }
    }

    /// <summary>Carries out what is queued, then ends all threads.</summary>
    public void Close()
    {
        Writer.Close();
        Beat.Close();
        Reader.Close();
        Browser.Close();
        _checkpointer.Close();
    }

    private void Start()
    {
        _checkpointer.Start();
        Writer.Start();
        Beat.Start();
        Reader.Start();
        Browser.Start();
    }
}
