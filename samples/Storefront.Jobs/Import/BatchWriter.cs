using Dapper;
using Microsoft.Data.Sqlite;
using Storefront.Shared;

namespace Storefront.Import;

/// <summary>Writes a batch and the checkpoint after it in one transaction: both are there, or neither.</summary>
public sealed class BatchWriter(ShopDatabase shop)
{
    /// <summary>How many bad rows are kept with their line and reason. The others are only counted.</summary>
    public const int KeptBadRows = 100;

    /// <returns>The checkpoint that was stored.</returns>
    /// <exception cref="InvalidOperationException">Another attempt at the same import has moved the checkpoint.</exception>
    public async Task<Checkpoint> WriteAsync(
        long import, IReadOnlyList<CsvRecord> batch, Checkpoint before, (long Offset, long Line) next, bool finished,
            CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = await shop.OpenAsync(cancellationToken);

        // Takes the write lock at once: two writers wait for each other here, not half-way with SQLITE_BUSY.
        await using var transaction = connection.BeginTransaction(deferred: false);
        var bad = batch.Count(record => record.Product is null);
        var after = new Checkpoint(next.Offset, next.Line, before.Imported + batch.Count - bad, before.Bad + bad, finished);
        await MoveCheckpointAsync(transaction, import, before, after);
        InsertProducts(transaction, import, batch);
        InsertBadRows(transaction, import, batch, room: KeptBadRows - before.Bad);
        await transaction.CommitAsync(cancellationToken);
        return after;
    }

    // A worker that was frozen for longer than its lease wakes up while another does its work. It finds the checkpoint elsewhere and stops,
    // before it has written anything.
    private static async Task MoveCheckpointAsync(SqliteTransaction transaction, long import, Checkpoint before, Checkpoint after)
    {
        var moved = await transaction.Connection!.ExecuteAsync("""
            UPDATE imports SET offset = @Offset, line = @Line, imported = @Imported, bad = @Bad, finished = @Finished
            WHERE id = @import AND offset = @from AND finished = 0
            """, new { after.Offset, after.Line, after.Imported, after.Bad, after.Finished, import, from = before.Offset }, transaction);
        if (moved == 0)
        {
            throw new InvalidOperationException(
                $"Import {import} is not at byte {before.Offset:N0} any more: another attempt goes on with it.");
        }
    }

    // Prepared once a batch and bound by hand: this statement runs a million times.
    private static void InsertProducts(SqliteTransaction transaction, long import, IReadOnlyList<CsvRecord> batch)
    {
        using var command = Command(transaction,
            "INSERT INTO products (import, line, sku, name, price_cents, stock) VALUES ($import, $line, $sku, $name, $price, $stock)");
        command.Parameters.AddWithValue("$import", import);
        var line = command.Parameters.Add("$line", SqliteType.Integer);
        var sku = command.Parameters.Add("$sku", SqliteType.Text);
        var name = command.Parameters.Add("$name", SqliteType.Text);
        var price = command.Parameters.Add("$price", SqliteType.Integer);
        var stock = command.Parameters.Add("$stock", SqliteType.Integer);
        foreach (var record in batch)
        {
            if (record.Product is { } product)
            {
                (line.Value, sku.Value, name.Value, price.Value, stock.Value) =
                    (record.Line, product.Sku, product.Name, product.PriceCents, product.Stock);
                command.ExecuteNonQuery();
            }
        }
    }

    private static void InsertBadRows(SqliteTransaction transaction, long import, IReadOnlyList<CsvRecord> batch, long room)
    {
        using var command = Command(transaction, "INSERT INTO bad_rows (import, line, reason) VALUES ($import, $line, $reason)");
        command.Parameters.AddWithValue("$import", import);
        var line = command.Parameters.Add("$line", SqliteType.Integer);
        var reason = command.Parameters.Add("$reason", SqliteType.Text);
        foreach (var record in batch.Where(record => record.Problem is not null).Take((int)Math.Max(0, room)))
        {
            (line.Value, reason.Value) = (record.Line, record.Problem);
            command.ExecuteNonQuery();
        }
    }

    private static SqliteCommand Command(SqliteTransaction transaction, string sql)
    {
        var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }
}
