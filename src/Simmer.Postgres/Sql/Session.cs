using System.Globalization;
using Npgsql;

namespace Simmer.Postgres;

/// <summary>One transaction on a connection, and what comes up in it.</summary>
internal sealed class Session(NpgsqlConnection connection, SqlTexts texts, NameTable names, LowWater lowWater, TimeSpan timeout)
{
    public NpgsqlConnection Connection => connection;

    public NameTable Names => names;

    public LowWater LowWater => lowWater;

    /// <summary>What is to be written of jobs that were read in this transaction.</summary>
    public JobChanges Changes { get; } = new();

    /// <summary>What ended steps say to others, and what follows.</summary>
    public StepBook Steps { get; } = new();

    public SqlBatch Batch() => new(connection, texts, timeout);

    /// <summary>How long the server waits for the next statement of a transaction. A process that was frozen, or that the network has lost, would hold the locks of its transaction for hours: its own
    /// row as a worker among them, so that nobody could take its jobs back.</summary>
    private const int IdleMilliseconds = 5_000;

    /// <summary>Begins a transaction as this store needs it, whatever the role's defaults are.</summary>
    /// <param name="batch">Takes the statements.</param>
    /// <param name="lockTimeout">How long a statement waits for another transaction.</param>
    public static SqlBatch Begin(SqlBatch batch, TimeSpan lockTimeout) => batch
        .Add("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        .Add("SET LOCAL synchronous_commit = on")
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL idle_in_transaction_session_timeout = {IdleMilliseconds}"))
        .Add(string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = {Math.Max(1, (long)lockTimeout.TotalMilliseconds)}"));

    public Task RollBackAsync() => Batch().Add("ROLLBACK").RunAsync();
}
