using Microsoft.Extensions.DependencyInjection.Extensions;
using Simmer;

namespace Storefront.Compare;

public static class CompareFeature
{
    /// <summary>The job of the comparison. A delegate is enough here: the handler is one call.</summary>
    public static SimmerBuilder AddCompare(this SimmerBuilder simmer)
    {
        simmer.Services.TryAddSingleton<ReceiptMailer>();
        return simmer.AddJob(static (SendReceipt job, ReceiptMailer mailer, JobContext context, CancellationToken ct) =>
            mailer.SendAsync(context.IdempotencyKey, job.Run, Ways.Durable, ct));
    }
}
