namespace Storefront.Notify;

/// <summary>Tells somebody something, now. It does not matter much if the message gets lost; otherwise it would be a job.</summary>
public interface INotifier
{
    Task NotifyAsync(string email, DateTimeOffset askedAt, CancellationToken cancellationToken);
}
