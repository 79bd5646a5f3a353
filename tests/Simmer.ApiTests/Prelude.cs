// What the code in the docs takes for granted. The docs' own types come first where both have one.
namespace Docs.Prelude;

public interface IMailer
{
    Task SendWelcomeAsync(string email, CancellationToken cancellationToken);
}

public interface INotifier
{
    Task NotifyAsync(string email, CancellationToken cancellationToken);
}

public interface IPayments
{
    Task<Receipt> ChargeAsync(Guid orderId, string idempotencyKey, CancellationToken cancellationToken);
}

public sealed record SignUp(string Email);

public sealed record Order(Guid Id);

public sealed record Receipt(string Number);

public sealed record SendWelcome(string Email) : IJob;

public sealed record TakePayment(Guid OrderId) : IJob<Receipt>;

public sealed class TakePaymentHandler(IPayments payments) : IJobHandler<TakePayment, Receipt>
{
    public Task<Receipt> HandleAsync(TakePayment job, JobContext context, CancellationToken cancellationToken) =>
        payments.ChargeAsync(job.OrderId, context.IdempotencyKey, cancellationToken);
}
