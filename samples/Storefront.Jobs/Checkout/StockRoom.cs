using Dapper;
using Microsoft.Data.Sqlite;
using Simmer;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>Lays a piece aside for an order, and puts it back.</summary>
public sealed class StockRoom(OrderStore orders, SlowGateway gateway, ShopDatabase shop)
{
    /// <summary>Reserves one piece. If there is none, that is a verdict: another attempt would not find one either.</summary>
    public async Task<JobVerdict<Reservation>> ReserveAsync(Guid id, string key, CancellationToken cancellationToken)
    {
        var order = await orders.FindAsync(id, cancellationToken);
        await gateway.CallAsync(cancellationToken);
        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        await FillShelfAsync(order, transaction);

        // The stock is reduced in the same transaction as the note of what the piece is reserved for. A second attempt finds the note and
        // takes no second piece.
        var noted = await connection.ExecuteAsync(
            "INSERT INTO reservations (key, order_id, product_id) VALUES (@key, @order, @product) ON CONFLICT DO NOTHING",
            new { key, order = id.ToString(), product = order.ProductId }, transaction);
        if (noted > 0 && await connection.ExecuteAsync(
            "UPDATE stock SET pieces = pieces - 1 WHERE product_id = @product AND pieces > 0", new { product = order.ProductId },
                transaction) == 0)
        {
            return JobVerdict.Fail($"Somebody else took the last {order.Product}.");
        }

        await transaction.CommitAsync(cancellationToken);
        return new Reservation(key);
    }

    public async Task ReleaseAsync(Reservation reservation, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        var product = await connection.ExecuteScalarAsync<string>(
            "UPDATE reservations SET released = 1 WHERE key = @key AND released = 0 RETURNING product_id", new { key = reservation.Key },
                transaction);
        await connection.ExecuteAsync("UPDATE stock SET pieces = pieces + 1 WHERE product_id = @product", new { product }, transaction);
        await transaction.CommitAsync(cancellationToken);
    }

    // A new shop's shelves are filled where they are first looked at.
    private static Task FillShelfAsync(Order order, SqliteTransaction transaction) => transaction.Connection!.ExecuteAsync(
        "INSERT INTO stock (product_id, pieces) VALUES (@product, @pieces) ON CONFLICT DO NOTHING",
        new { product = order.ProductId, pieces = Wares.PiecesAtFirst(order.ProductId) }, transaction);
}
