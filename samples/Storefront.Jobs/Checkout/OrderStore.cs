using Dapper;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>The orders in the shop's database.</summary>
public sealed class OrderStore(ShopDatabase shop, TimeProvider clock)
{
    /// <summary>Notes an order, once.</summary>
    /// <returns>The order of this id: this one, or the one that was there before.</returns>
    public async Task<Order> AddAsync(NewOrder wanted, CancellationToken cancellationToken)
    {
        var ware = Wares.Find(wanted.Product) ?? throw new ArgumentException($"There is no product '{wanted.Product}'.", nameof(wanted));
        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition("""
            INSERT INTO orders (id, product_id, product, price_cents, email, card, created_at)
            VALUES (@id, @productId, @product, @price, @email, @card, @now) ON CONFLICT DO NOTHING
            """,
            new { id = wanted.Id.ToString(), productId = ware.Id, product = ware.Name, price = ware.PriceCents, email = wanted.Email,
                card = wanted.Card, now = clock.GetUtcNow().ToString("O") },
            cancellationToken: cancellationToken));
        return await FindAsync(wanted.Id, cancellationToken);
    }

    /// <exception cref="InvalidOperationException">There is no such order: the shop's database was replaced.</exception>
    public async Task<Order> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<OrderRow>(new CommandDefinition(
            "SELECT number, product_id AS productId, product, price_cents AS priceCents, email, card FROM orders WHERE id = @id",
                new { id = id.ToString() }, cancellationToken: cancellationToken));
        return row is null
            ? throw new InvalidOperationException($"Order {id} is not in the shop's database; was that replaced?")
            : new Order(id, row.Number, row.ProductId, row.Product, row.PriceCents, row.Email, row.Card);
    }

    /// <summary>The newest orders, newest first.</summary>
    public async Task<IReadOnlyList<OrderSummary>> NewestAsync(int count, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Id, long Number, string Product)>(new CommandDefinition(
            "SELECT id, number, product FROM orders ORDER BY number DESC LIMIT @count", new { count },
                cancellationToken: cancellationToken));
        return [.. rows.Select(row => Summary(Guid.Parse(row.Id), row.Number, row.Product))];
    }

    /// <returns>What has become of an order so far; <see langword="null"/>: there is no such order.</returns>
    public async Task<OrderOutcome?> OutcomeAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<OutcomeRow>(new CommandDefinition("""
            SELECT o.number, o.product,
              (SELECT coalesce(sum(cents), 0) FROM payments WHERE order_id = o.id) AS charged,
              (SELECT coalesce(sum(cents), 0) FROM payments WHERE order_id = o.id AND refund IS NOT NULL) AS refunded,
              (SELECT count(*) FROM reservations WHERE order_id = o.id AND released = 0) AS reserved,
              (SELECT count(*) FROM reservations WHERE order_id = o.id AND released = 1) AS released,
              (SELECT number FROM invoices WHERE order_id = o.id) AS invoice,
              (SELECT mail FROM confirmations WHERE order_id = o.id) AS mail
            FROM orders o WHERE o.id = @id
            """, new { id = id.ToString() }, cancellationToken: cancellationToken));
        return row is null
            ? null
            : new OrderOutcome(Summary(id, row.Number, row.Product), row.Charged, row.Refunded, row.Reserved > 0, row.Released > 0,
                row.Invoice, row.Mail is { } mail ? Guid.Parse(mail) : null);
    }

    private static OrderSummary Summary(Guid id, long number, string product) =>
        new(id, number, product, CheckoutDesk.WorkflowOf(id).Value);

    /// <summary>Rows as SQLite has them.</summary>
    private sealed class OrderRow
    {
        public long Number { get; init; }

        public string ProductId { get; init; } = "";

        public string Product { get; init; } = "";

        public long PriceCents { get; init; }

        public string Email { get; init; } = "";

        public string Card { get; init; } = "";
    }

    private sealed class OutcomeRow
    {
        public long Number { get; init; }

        public string Product { get; init; } = "";

        public long Charged { get; init; }

        public long Refunded { get; init; }

        public long Reserved { get; init; }

        public long Released { get; init; }

        public long? Invoice { get; init; }

        public string? Mail { get; init; }
    }
}
