namespace Storefront.Notify;

/// <summary>Sends a notification now. It does not matter much if it gets lost; otherwise it would be a job.</summary>
public interface INotifier
{
    Task NotifyAsync(string email, DateTimeOffset askedAt, CancellationToken cancellationToken);
}
