using Simmer;
using Storefront.Shared;

namespace Storefront.Notify;

public static class NotifyEndpoints
{
    public static IEndpointRouteBuilder MapNotify(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/notify/{email}", Notify);
        routes.MapGet("/notifications", (NotificationFeed feed, long after = 0) => feed.After(after));
        return routes;
    }

    /// <summary>The smallest step into the background: a few lines, nothing to set up. The task starts when the client has its
    /// answer.</summary>
    private static IResult Notify([Mailbox] string email, BackgroundTasks tasks, TimeProvider clock)
    {
        var askedAt = clock.GetUtcNow();
        tasks.Add((INotifier notifier, CancellationToken ct) => notifier.NotifyAsync(email, askedAt, ct));
        return Results.Ok(new { message = "Notification sent in the background" });
    }
}
