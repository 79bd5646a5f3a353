using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer;

namespace Storefront.Checkout;

public static class CheckoutFeature
{
    /// <summary>Registers the steps of an order and the services they need. It knows nothing of HTTP, so a worker process calls it as
    /// well.</summary>
    /// <remarks>A step that is only a call or two is a delegate. It takes the results of earlier steps as parameters, by their
    /// type.</remarks>
    public static SimmerBuilder AddCheckout(this SimmerBuilder simmer)
    {
        simmer.Services.TryAddSingleton<OrderStore>();
        simmer.Services.TryAddSingleton<CardGateway>();
        simmer.Services.TryAddSingleton<Till>();
        simmer.Services.TryAddSingleton<StockRoom>();
        simmer.Services.TryAddSingleton<InvoiceBook>();
        simmer.Services.TryAddSingleton<Confirmations>();
        simmer.Services.TryAddSingleton<CheckoutDesk>();

        return simmer
            .AddQueue("checkout", queue => queue.Concurrency = 16)
            .AddJob<TakePayment, TakePaymentHandler>()
            .AddJob(static (RefundPayment _, Receipt receipt, Till till, JobContext context, CancellationToken ct) =>
                till.RefundAsync(receipt, context.IdempotencyKey, ct))
            .AddJob(static (ReserveStock job, StockRoom stock, JobContext context, CancellationToken ct) =>
                stock.ReserveAsync(job.Order, context.IdempotencyKey, ct))
            .AddJob(static (ReleaseStock _, Reservation reservation, StockRoom stock, CancellationToken ct) =>
                stock.ReleaseAsync(reservation, ct))
            .AddJob(static (WriteInvoice job, Receipt receipt, InvoiceBook book, CancellationToken ct) =>
                book.WriteAsync(job.Order, receipt, ct))
            .AddJob(static (SendConfirmation job, Receipt receipt, Invoice invoice, Confirmations mails, JobContext context,
                CancellationToken ct) =>
                mails.SendAsync(job.Order, receipt, invoice, context.IdempotencyKey, ct));
    }
}
