using Simmer;

namespace Storefront.Checkout;

/// <summary>Notes an order and enqueues what is to be done for it.</summary>
public sealed class CheckoutDesk(IJobClient jobs, OrderStore orders)
{
    /// <summary>An order is one workflow, however often it is sent: its id comes from the order's.</summary>
    public static WorkflowId WorkflowOf(Guid order) => WorkflowId.For($"order-{order}");

    /// <returns>The order's workflow; <see langword="null"/>: the id belongs to another order.</returns>
    public async Task<WorkflowHandle?> OrderAsync(NewOrder wanted, CancellationToken cancellationToken)
    {
        // The order is stored first: no step ever looks for an order that is not there. If the process dies in between, nothing was
        // promised yet, and the page's second try finds the order and enqueues.
        var order = await orders.AddAsync(wanted, cancellationToken);
        return order.Is(wanted)
            ? await jobs.EnqueueAsync(StepsOf(order.Id),
                new WorkflowOptions { Id = WorkflowOf(order.Id), Name = $"Order {order.Number}: {order.Product}" }, cancellationToken)
            : null;
    }

    private static Chain StepsOf(Guid order) => Chain
        .Of("payment", new TakePayment(order), undo: new RefundPayment(order))
        .Then(Group.Of(Chain.Of("stock", new ReserveStock(order), undo: new ReleaseStock(order)),
            Chain.Of("invoice", new WriteInvoice(order))))
        .Then("confirmation", new SendConfirmation(order));
}
