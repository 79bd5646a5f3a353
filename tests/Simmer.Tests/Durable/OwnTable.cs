using System.Data.Common;

namespace Simmer.Tests.Durable;

/// <summary>A table of the application in the database that holds the jobs, for the effects of handlers.</summary>
internal sealed class OwnTable
{
    private readonly IJobDatabase _database;

    public OwnTable(IJobDatabase database)
    {
        _database = database;
        using var connection = database.Open();
        Execute(connection, $"CREATE TABLE effect(n {database.Counted}, what TEXT NOT NULL)");
    }

    public IReadOnlyList<string> Rows
    {
        get
        {
            using var connection = _database.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT what FROM effect ORDER BY n";
            using var reader = command.ExecuteReader();
            var rows = new List<string>();
            while (reader.Read())
            {
                rows.Add(reader.GetString(0));
            }

            return rows;
        }
    }

    /// <summary>Begins a transaction on a connection of its own and adds a row in it. Both end with the attempt.</summary>
    public DbTransaction Add(JobContext context, string what) => Add(context, context.DisposeAtEnd(_database.Open()), what);

    /// <inheritdoc cref="Add(JobContext, string)"/>
    public static DbTransaction Add(JobContext context, DbConnection connection, string what)
    {
        var transaction = context.DisposeAtEnd(connection.BeginTransaction());
        Execute(connection, $"INSERT INTO effect(what) VALUES('{what}')", transaction);
        return transaction;
    }

    /// <summary>The usual handler: the effect, the end of the job, the commit. It does not obey the token of its attempt.</summary>
    public async Task AddAndCompleteAsync(JobContext context, string what)
    {
        var transaction = Add(context, what);
        await context.CompleteWithinAsync(transaction, TestContext.Current.CancellationToken);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    private static void Execute(DbConnection connection, string text, DbTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        _ = command.ExecuteNonQuery();
    }
}
