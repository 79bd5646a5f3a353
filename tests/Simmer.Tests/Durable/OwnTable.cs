using Microsoft.Data.Sqlite;

namespace Simmer.Tests.Durable;

/// <summary>A table of the application's own in the file that holds the jobs: the effects of handlers.</summary>
internal sealed class OwnTable
{
    private readonly string _connectionString;

    public OwnTable(string connectionString)
    {
        _connectionString = connectionString;
        using var connection = Open();
        Execute(connection, "CREATE TABLE IF NOT EXISTS effect(what TEXT NOT NULL)");
    }

    public IReadOnlyList<string> Rows
    {
        get
        {
            using var connection = Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT what FROM effect ORDER BY rowid";
            using var reader = command.ExecuteReader();
            var rows = new List<string>();
            while (reader.Read())
            {
                rows.Add(reader.GetString(0));
            }

            return rows;
        }
    }

    /// <summary>Begins a transaction and adds a row in it. Connection and transaction end with the attempt.</summary>
    public SqliteTransaction Add(JobContext context, string what)
    {
        var transaction = context.DisposeAtEnd(context.DisposeAtEnd(Open()).BeginTransaction());
        Execute(transaction.Connection!, $"INSERT INTO effect VALUES('{what}')", transaction);
        return transaction;
    }

    /// <summary>The usual handler: the effect, the end of the job, the commit. It does not obey the token of its attempt.</summary>
    public async Task AddAndCompleteAsync(JobContext context, string what)
    {
        var transaction = Add(context, what);
        await context.CompleteWithinAsync(transaction, TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string text, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        _ = command.ExecuteNonQuery();
    }
}
