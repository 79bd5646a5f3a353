using Dapper;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>Takes money and gives it back, and keeps the books. A key charges once and refunds once.</summary>
public sealed class Till(CardGateway cards, OrderStore orders, ShopDatabase shop)
{
    /// <returns>The receipt; <see langword="null"/>: the card was declined.</returns>
    public async Task<Receipt?> ChargeAsync(Guid id, string key, CancellationToken cancellationToken)
    {
        var order = await orders.FindAsync(id, cancellationToken);
        if (!await cards.ApproveAsync(order.Card, cancellationToken))
        {
            return null;
        }

        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO payments (key, order_id, cents) VALUES (@key, @order, @cents) ON CONFLICT DO NOTHING",
            new { key, order = id.ToString(), cents = order.PriceCents }, cancellationToken: cancellationToken));
        return new Receipt(key, order.PriceCents);
    }

    public async Task RefundAsync(Receipt receipt, string key, CancellationToken cancellationToken)
    {
        await cards.RefundAsync(cancellationToken);
        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE payments SET refund = @key WHERE key = @payment AND refund IS NULL", new { key, payment = receipt.Payment },
                cancellationToken: cancellationToken));
    }
}
