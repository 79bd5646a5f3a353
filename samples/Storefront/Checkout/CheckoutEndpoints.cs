using Microsoft.AspNetCore.Http.HttpResults;
using Simmer;
using Storefront.Shared;

namespace Storefront.Checkout;

public static class CheckoutEndpoints
{
    public static IEndpointRouteBuilder MapCheckout(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/checkout", OrderAsync).LimitBody(16 * 1024);
        routes.MapGet("/orders", NewestAsync);
        routes.MapGet("/orders/{id:guid}", FindAsync);
        return routes;
    }

    /// <summary>Answers as soon as all steps of the order are committed. The page makes up the order's id, so a double click or a second
    /// try orders once.</summary>
    private static async Task<IResult> OrderAsync(CheckoutForm form, CheckoutDesk desk, CancellationToken cancellationToken) =>
        await desk.OrderAsync(form.ToOrder(), cancellationToken) is { } workflow
            ? JobResults.Accepted(workflow)
            : Results.Problem($"Order {form.Order} is for something else. A new order needs a new id.",
                statusCode: StatusCodes.Status409Conflict);

    private static Task<IReadOnlyList<OrderSummary>> NewestAsync(OrderStore orders, CancellationToken cancellationToken) =>
        orders.NewestAsync(8, cancellationToken);

    private static async Task<Results<Ok<OrderOutcome>, NotFound>> FindAsync(Guid id, OrderStore orders,
        CancellationToken cancellationToken) =>
        await orders.OutcomeAsync(id, cancellationToken) is { } outcome ? TypedResults.Ok(outcome) : TypedResults.NotFound();
}
