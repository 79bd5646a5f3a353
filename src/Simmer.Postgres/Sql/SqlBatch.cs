using Npgsql;
using NpgsqlTypes;

namespace Simmer.Postgres;

/// <summary>Statements that go to the server together, in one round trip, with what is done with their rows.</summary>
/// <remarks>Statements are prepared only on a connection whose planner was told to use the indices (<c>StoreConnection.IsPlain</c>):
/// a claim or a delete that was planned while the table was tiny falls to a twentieth of its speed when the table grows.</remarks>
internal sealed class SqlBatch(NpgsqlConnection connection, SqlTexts texts, TimeSpan timeout, bool prepares = false)
{
    public const NpgsqlDbType UuidArray = NpgsqlDbType.Array | NpgsqlDbType.Uuid;

    private readonly List<Action<NpgsqlDataReader>> _rows = [];
    private NpgsqlBatch _batch = New(connection, timeout);
    private NpgsqlBatchCommand? _last;

    public bool IsEmpty => _batch.BatchCommands.Count == 0;

    /// <summary>Adds a statement, without rows unless <see cref="Each"/> follows.</summary>
    public SqlBatch Add(string text) => AddAsItIs(texts[text]);

    /// <summary>Adds a statement that has the schema's name in it already.</summary>
    public SqlBatch AddAsItIs(string text)
    {
        _last = new NpgsqlBatchCommand(text);
        _batch.BatchCommands.Add(_last);
        return this;
    }

    public SqlBatch Bind(long value) => Bind(value, NpgsqlDbType.Bigint);

    public SqlBatch Bind(int value) => Bind(value, NpgsqlDbType.Integer);

    public SqlBatch Bind(bool value) => Bind(value, NpgsqlDbType.Boolean);

    public SqlBatch Bind(JobId value) => Bind(value.Value, NpgsqlDbType.Uuid);

    public SqlBatch Bind(WorkflowId value) => Bind(value.Value, NpgsqlDbType.Uuid);

    public SqlBatch Bind(long? value) => value is { } known ? Bind(known) : BindNull(NpgsqlDbType.Bigint);

    public SqlBatch Bind(double? value) => value is { } known ? Bind(known, NpgsqlDbType.Double) : BindNull(NpgsqlDbType.Double);

    public SqlBatch Bind(string? value) => value is null ? BindNull(NpgsqlDbType.Text) : Bind(CleanText.Of(value)!, NpgsqlDbType.Text);

    public SqlBatch Bind(long[] values) => Bind(values, NpgsqlDbType.Array | NpgsqlDbType.Bigint);

    public SqlBatch Bind(int[] values) => Bind(values, NpgsqlDbType.Array | NpgsqlDbType.Integer);

    public SqlBatch Bind(string[] values) => Bind(values, NpgsqlDbType.Array | NpgsqlDbType.Text);

    public SqlBatch Bind<T>(T value, NpgsqlDbType type)
    {
        _last!.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
        return this;
    }

    public SqlBatch BindNull(NpgsqlDbType type)
    {
        _last!.Parameters.Add(new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = type });
        return this;
    }

    /// <summary>What is done with each row of the statement added last; the rows of several statements come in their order.</summary>
    public SqlBatch Each(Action<NpgsqlDataReader> row)
    {
        _rows.Add(row);
        return this;
    }

    /// <summary>Sends what was added, reads all rows, and is empty again.</summary>
    public async Task RunAsync()
    {
        if (IsEmpty)
        {
            return;
        }

        await using var batch = Take(out var rows);
        if (prepares)
        {
            // A look into a dictionary once they are: no round trip.
            await batch.PrepareAsync(CancellationToken.None);
        }

        // Once begun it is carried out: a token would leave it open whether it was.
        Exception? unreadable = null;
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        foreach (var row in rows)
        {
            while (await reader.ReadAsync(CancellationToken.None))
            {
                try
                {
                    row(reader);
                }
                catch (Exception e) when (e is not NpgsqlException)
                {
                    // The statements have been carried out, perhaps with a commit: the other rows must be read in spite of it.
                    unreadable ??= e;
                }
            }

            _ = await reader.NextResultAsync(CancellationToken.None);
        }

        // The errors of statements without rows come up here, those of a commit among them.
        while (await reader.NextResultAsync(CancellationToken.None))
        {
        }

        if (unreadable is not null)
        {
            throw new UnreadableRowException(unreadable);
        }
    }

    /// <summary>Sends what was added without leaving the calling thread, a round trip a statement. Of a synchronous batch Npgsql would send
    /// all but the first statement from a thread of the pool, and handlers may block all of those.</summary>
    public void Run()
    {
        using var all = Take(out var rows);
        var next = 0;
        for (var i = 0; i < all.BatchCommands.Count; i++)
        {
            using var one = New(connection, timeout);
            one.BatchCommands.Add(all.BatchCommands[i]);
            if (prepares)
            {
                one.Prepare();
            }

            using var reader = one.ExecuteReader();
            if (reader.FieldCount > 0)
            {
                var row = rows[next++];
                while (reader.Read())
                {
                    row(reader);
                }
            }

            // The error of a statement comes up here at the latest.
            _ = reader.NextResult();
        }
    }

    private NpgsqlBatch Take(out Action<NpgsqlDataReader>[] rows)
    {
        var batch = _batch;
        rows = [.. _rows];
        _rows.Clear();
        (_batch, _last) = (New(connection, timeout), null);
        return batch;
    }

    private static NpgsqlBatch New(NpgsqlConnection connection, TimeSpan timeout) =>
        new(connection) { Timeout = Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds)) };
}
