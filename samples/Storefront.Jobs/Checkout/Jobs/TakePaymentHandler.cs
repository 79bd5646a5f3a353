using Simmer;

namespace Storefront.Checkout;

/// <summary>Charges the card. A declined card is a verdict and not an exception: the bank has answered, and another attempt would get the
/// same answer.</summary>
public sealed class TakePaymentHandler(Till till) : IVerdictHandler<TakePayment, Receipt>
{
    public async Task<JobVerdict<Receipt>> HandleAsync(TakePayment job, JobContext context, CancellationToken cancellationToken)
    {
        context.Progress.Report(0.3, "waiting for the bank");
        return await till.ChargeAsync(job.Order, context.IdempotencyKey, cancellationToken) is { } receipt
            ? receipt
            : JobVerdict.Fail("The card was declined.");
    }
}
