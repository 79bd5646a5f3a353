using System.Globalization;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>One transaction on a connection, and what comes up in it.</summary>
/// <param name="connection">The connection.</param>
/// <param name="texts">The schema.</param>
/// <param name="names">The numbers of queues and kinds.</param>
/// <param name="lowWater">Where claims begin.</param>
/// <param name="timeout">How long its statements may take.</param>
/// <param name="isPlain">Whether the connection is one session of the server's, set up by <see cref="Lane"/>.</param>
internal sealed class Session(NpgsqlConnection connection, SqlTexts texts, NameTable names, LowWater lowWater, TimeSpan timeout, bool isPlain = false)
{
    private const string BeginSql = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";

    public NpgsqlConnection Connection => connection;

    public NameTable Names => names;

    /// <summary>How far the server's clock is ahead of that of whoever gave times with what is stored here.</summary>
    public TimeSpan Ahead { get; set; }

    public LowWater LowWater => lowWater;

    /// <summary>What is to be written of jobs that were read in this transaction.</summary>
    public JobChanges Changes { get; } = new();

    /// <summary>What ended steps say to others, and what follows.</summary>
    public StepBook Steps { get; } = new();

    public SqlBatch Batch() => new(connection, texts, timeout, isPlain);

    /// <summary>Begins a flush: on a plain connection its settings are those of the session.</summary>
    public SqlBatch BeginFlush(TimeSpan lockTimeout) => isPlain ? Batch().Add(BeginSql) : Begin(Batch(), lockTimeout);

    /// <summary>How long the server waits for the next statement of a transaction. A process that was frozen, or that the network has lost, would hold the locks of its transaction for hours: its own
    /// row as a worker among them, so that nobody could take its jobs back.</summary>
    private const int IdleMilliseconds = 5_000;

    /// <summary>Begins a transaction as this store needs it, whatever the role's defaults are.</summary>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="lockTimeout">How long a statement waits for another transaction.</param>
    public static SqlBatch Begin(SqlBatch batch, TimeSpan lockTimeout) => batch
        .Add(BeginSql)
        .Add("SET LOCAL synchronous_commit = on")
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL idle_in_transaction_session_timeout = {IdleMilliseconds}"))
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = {Math.Max(1, (long)lockTimeout.TotalMilliseconds)}"));

    public Task RollBackAsync() => Batch().Add("ROLLBACK").RunAsync();
}
