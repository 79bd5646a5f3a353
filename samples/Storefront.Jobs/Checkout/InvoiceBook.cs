using Dapper;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>Writes invoices, one an order, without gaps in their numbers.</summary>
public sealed class InvoiceBook(SlowGateway gateway, ShopDatabase shop)
{
    public async Task<Invoice> WriteAsync(Guid order, Receipt receipt, CancellationToken cancellationToken)
    {
        await gateway.CallAsync(cancellationToken);
        await using var connection = await shop.OpenForMoneyAsync(cancellationToken);

        // The update that changes nothing makes RETURNING give the number of an invoice that an earlier attempt wrote.
        var number = await connection.ExecuteScalarAsync<long>(new CommandDefinition("""
            INSERT INTO invoices (order_id, cents) VALUES (@order, @cents)
            ON CONFLICT (order_id) DO UPDATE SET cents = cents RETURNING number
            """, new { order = order.ToString(), cents = receipt.Cents }, cancellationToken: cancellationToken));
        return new Invoice(number);
    }
}
