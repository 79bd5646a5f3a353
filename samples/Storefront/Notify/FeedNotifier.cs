using Storefront.Shared;

namespace Storefront.Notify;

/// <summary>Notifies through the slow gateway and writes it to the feed that the page shows.</summary>
public sealed class FeedNotifier(NotificationFeed feed, SlowGateway gateway, TimeProvider clock) : INotifier
{
    public async Task NotifyAsync(string email, DateTimeOffset askedAt, CancellationToken cancellationToken)
    {
        await gateway.CallAsync(cancellationToken);
        feed.Add(email, askedAt, clock.GetUtcNow());
    }
}
