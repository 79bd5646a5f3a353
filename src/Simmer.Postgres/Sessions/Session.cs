using System.Data;
using System.Globalization;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>One transaction on a connection, and what comes up in it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="texts">The schema.</param>
/// <param name="names">The numbers of queues and kinds.</param>
/// <param name="lowWater">Where claims begin.</param>
/// <param name="timeout">How long its statements may take.</param>
/// <param name="isPlain">Whether the connection is one session of the server's, set up for prepared statements.</param>
internal sealed class Session(NpgsqlConnection connection, SqlTexts texts, NameTable names, LowWater lowWater, TimeSpan timeout,
    bool isPlain = false)
{
    /// <summary>How long a flush, the heartbeat or a hint waits for another transaction, so that an open transaction slows down only its
    /// own work.</summary>
    public static readonly TimeSpan ShortLockTimeout = TimeSpan.FromMilliseconds(50);

    /// <summary>A constraint or a trigger that waits for the commit would refuse all of a transaction: after this it speaks at the
    /// statement that it is about.</summary>
    public const string NothingDeferredSql = "SET CONSTRAINTS ALL IMMEDIATE";

    private const string BeginSql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    public NpgsqlConnection Connection => connection;

    public NameTable Names => names;

    /// <summary>How far the server's clock is ahead of the clock by which the stored times were given.</summary>
    public TimeSpan Ahead { get; set; }

    public LowWater LowWater => lowWater;

    /// <summary>What is to be written of jobs that were read in this transaction.</summary>
    public JobChanges Changes { get; } = new();

    /// <summary>What ended steps say to others, and what follows.</summary>
    public WorkflowChanges Steps { get; } = new();

    public SqlBatch Batch() => new(connection, texts, timeout, isPlain);

    /// <summary>Begins a flush: on a plain connection its settings are those of the session.</summary>
    public SqlBatch BeginFlush(TimeSpan lockTimeout) => isPlain ? Batch().Add(BeginSql) : Begin(Batch(), lockTimeout);

    /// <summary>How long the server waits for the next statement of a transaction. A process that was frozen, or that the network has lost,
    /// would hold the locks of its transaction for hours, that of its own row as a worker among them, so that its jobs could not be taken
    /// back.</summary>
    private const int IdleMilliseconds = 5_000;

    /// <summary>Begins a transaction as this store needs it, whatever the role's defaults are.</summary>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="lockTimeout">How long a statement waits for another transaction.</param>
    public static SqlBatch Begin(SqlBatch batch, TimeSpan lockTimeout) => batch
        .Add(BeginSql)
        .Add("SET LOCAL synchronous_commit = on")
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL idle_in_transaction_session_timeout = {IdleMilliseconds}"))
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = {Math.Max(1, (long)lockTimeout.TotalMilliseconds)}"));

    // Not prepared: after an error only the end of the transaction may be, and not what follows it in the batch.
    public Task RollBackAsync() => Unprepared().Add("ROLLBACK").RunAsync();

    /// <summary>What earlier tries of this verb have taught; null: it is tried once.</summary>
    public Attempt? Attempt { get; init; }

    /// <summary>Does something behind a savepoint: refused, it is undone, and the rest of the transaction goes on.</summary>
    /// <param name="about">Names the operation, the same at every try.</param>
    /// <param name="work">Does it.</param>
    /// <returns>The refusal; null: it was done.</returns>
    public async Task<Exception?> TryAsync(string about, Func<Task> work)
    {
        if (Attempt?.WhyNot(about) is { } before)
        {
            return before;
        }

        await Unprepared().Add("SAVEPOINT one").RunAsync();
        try
        {
            await work();
            await Unprepared().Add("RELEASE one").RunAsync();
            return null;
        }
        catch (PostgresException broke) when (connection.State != ConnectionState.Open)
        {
            if (broke.IsAboutOneOperation())
            {
                Attempt?.Broke(about, broke);
            }

            throw;
        }
        catch (Exception refused) when (refused.IsAboutOneOperation() && connection.State == ConnectionState.Open)
        {
            await UndoAsync();
            return refused;
        }
    }

    /// <summary>Does something with many: with all at once, and where that is refused with either half, down to the one that it is
    /// about.</summary>
    /// <param name="about">Names what is done.</param>
    /// <param name="items">The many.</param>
    /// <param name="work">What is done with some of them; once more with fewer if it was refused, so nothing it notes may outlive its
    /// refusal.</param>
    /// <returns>Those that were refused, each with the refusal.</returns>
    public async Task<List<(T Item, Exception Error)>> TryEachAsync<T>(string about, IReadOnlyList<T> items,
        Func<IReadOnlyList<T>, Task> work)
        where T : notnull
    {
        var refused = new List<(T, Exception)>();
        var waiting = new Stack<IReadOnlyList<T>>();
        waiting.Push(items);
        while (waiting.TryPop(out var some))
        {
            if (some.Count == 0 || await TryAsync($"{about} {some[0]} {some.Count}", () => work(some)) is not { } error)
            {
                continue;
            }

            if (some.Count == 1)
            {
                refused.Add((some[0], error));
                continue;
            }

            var half = some.Count / 2;
            waiting.Push([.. some.Skip(half)]);
            waiting.Push([.. some.Take(half)]);
        }

        return refused;
    }

    /// <summary>Writes what was decided about jobs that are held, and lets the workflows of steps follow.</summary>
    public async Task FollowUpAsync(DateTimeOffset now)
    {
        var batch = Batch();
        Changes.Write(this, batch, now);
        await batch.RunAsync();
        await Steps.FollowAsync(this, now);
    }

    private async Task UndoAsync()
    {
        Steps.Forget();
        Changes.Forget();
        await Unprepared().Add("ROLLBACK TO one").Add("RELEASE one").RunAsync();
    }

    private SqlBatch Unprepared() => new(connection, texts, timeout);
}
