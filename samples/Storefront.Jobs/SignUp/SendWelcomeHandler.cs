using Simmer;
using Storefront.Shared;

namespace Storefront.SignUp;

/// <summary>Runs in any process that works on the queue "mail". It knows nothing of HTTP.</summary>
public sealed class SendWelcomeHandler(IMailer mailer, SlowGateway gateway) : IJobHandler<SendWelcome>
{
    public async Task HandleAsync(SendWelcome job, JobContext context, CancellationToken cancellationToken)
    {
        context.Progress.Report(0.2, "waiting for the mail gateway");
        await gateway.CallAsync(cancellationToken);

        // A durable job runs at least once: its process may die between the sending and the settling. The key, the same in every
        // attempt, is what makes the second sending harmless.
        await mailer.SendAsync(Welcome(job, context), cancellationToken);
        context.Progress.Report(1, "sent");
    }

    private static Mail Welcome(SendWelcome job, JobContext context) => new(
        Key: context.IdempotencyKey,
        To: job.Email,
        Subject: $"Welcome to Simmer & Co., {job.Name}",
        Text: $"""
            Hello {job.Name},

            your account is ready. The stove is warm, the shelves are full:
            come in whenever you like.

            Simmer & Co.
            """,
        At: context.EnqueuedAt);
}
