namespace Storefront.Notify;

/// <summary>The newest notifications, in memory: after-response tasks live in this process and so does their feed.</summary>
public sealed class NotificationFeed
{
    private const int Kept = 50;

    private readonly Lock _lock = new();
    private readonly Queue<Notification> _newest = new();
    private long _last;

    public void Add(string email, DateTimeOffset askedAt, DateTimeOffset arrivedAt)
    {
        lock (_lock)
        {
            _newest.Enqueue(new Notification(++_last, email, askedAt, arrivedAt));
            if (_newest.Count > Kept)
            {
                _newest.Dequeue();
            }
        }
    }

    /// <summary>What has arrived after a notification the caller knows, oldest first.</summary>
    public IReadOnlyList<Notification> After(long number)
    {
        lock (_lock)
        {
            return [.. _newest.Where(notification => notification.Number > number)];
        }
    }
}

/// <summary>One entry of the feed.</summary>
public sealed record Notification(long Number, string Email, DateTimeOffset AskedAt, DateTimeOffset ArrivedAt);
