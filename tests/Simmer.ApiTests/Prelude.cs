// What the code in the docs takes for granted. The docs' own types come first where both have one.
namespace Docs.Prelude;

public interface IMailer
{
    Task SendWelcomeAsync(string email, CancellationToken cancellationToken);

    Task SendConfirmationAsync(Guid orderId, CancellationToken cancellationToken);
}

public interface INotifier
{
    Task NotifyAsync(string email, CancellationToken cancellationToken);
}

public interface IPayments
{
    Task<Receipt> ChargeAsync(Guid orderId, string idempotencyKey, CancellationToken cancellationToken);
}

public interface IWarehouse
{
    Task ReserveAsync(Guid orderId, string receipt, CancellationToken cancellationToken);

    Task<IReadOnlyList<string>> ShelvesAsync(Guid orderId, CancellationToken cancellationToken);
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

public sealed record RefundPayment(Guid OrderId) : IJob;

public sealed record ReserveStock(Guid OrderId) : IJob;

public sealed record ReleaseStock(Guid OrderId) : IJob;

public sealed record WriteInvoice(Guid OrderId) : IJob<Invoice>;

public sealed record Invoice(string Path);

public sealed record SendConfirmation(Guid OrderId) : IJob;

public sealed record TellSupport(Guid OrderId) : IJob;

public sealed record CloseOrder(Guid OrderId) : IJob;

public sealed record CheckRisk(Guid OrderId) : IJob;

public sealed record Approve(Guid OrderId) : IJob;

public sealed record AskHuman(Guid OrderId) : IJob;

public sealed record CountShelves(Guid OrderId) : IJob;

public sealed record CountShelf(string Shelf) : IJob<ShelfCount>;

public sealed record ShelfCount(int Pieces);

public sealed record SumUp(Guid OrderId) : IJob;

public sealed class ShopContext(DbContextOptions<ShopContext> options) : DbContext(options)
{
    public DbSet<Order> Orders => Set<Order>();
}
