using System.Globalization;
using Dapper;
using Storefront.Shared;
using Storefront.SignUp;

namespace Storefront.Checkout;

/// <summary>Sends the mail that confirms an order, and notes that it was sent.</summary>
public sealed class Confirmations(IMailer mailer, SlowGateway gateway, OrderStore orders, ShopDatabase shop, TimeProvider clock)
{
    public async Task SendAsync(Guid id, Receipt receipt, Invoice invoice, string key, CancellationToken cancellationToken)
    {
        var order = await orders.FindAsync(id, cancellationToken);
        await gateway.CallAsync(cancellationToken);

        // First the mail, then the note: if the process dies in between, the mail is sent again under the same key, which is harmless. The
        // other way round it might never be.
        await mailer.SendAsync(Confirmation(order, receipt, invoice, key), cancellationToken);
        await using var connection = await shop.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO confirmations (order_id, mail) VALUES (@order, @key) ON CONFLICT DO NOTHING", new { order = id.ToString(), key },
                cancellationToken: cancellationToken));
    }

    private Mail Confirmation(Order order, Receipt receipt, Invoice invoice, string key) => new(
        Key: key,
        To: order.Email,
        Subject: $"Your order {order.Number}: {order.Product}",
        Text: string.Create(CultureInfo.InvariantCulture, $"""
            Thank you.

            {order.Product} is packed and on its way.
            We took EUR {receipt.Cents / 100m:F2} from your card; your invoice is no. {invoice.Number}.

            Simmer & Co.
            """),
        At: clock.GetUtcNow());
}
