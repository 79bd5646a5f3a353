using System.Runtime.CompilerServices;

namespace Storefront.Ride;

/// <summary>Follows a ride for a client. It waits until the ride changes and holds no thread meanwhile.</summary>
public sealed class RideWatch(RideStore rides, RideSignals signals, City city, IHostApplicationLifetime lifetime)
{
    // The car may be driven by another process, which raises no signals here.
    private static readonly TimeSpan s_lookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>The number of looks without a change after which the last snapshot is sent again: proxies close connections that are
    /// silent.</summary>
    private const int Silence = 15;

    /// <summary>The ride now and after each change, until it is over. Changes in quick succession may be one snapshot; the last change is
    /// always sent.</summary>
    public async IAsyncEnumerable<RideView> FollowAsync(Guid id, long afterVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var listener = signals.Listen(id);
        var (seen, silent) = (afterVersion, 0);
        while (await rides.FindAsync(id, cancellationToken) is { } ride)
        {
            if (ride.Version > seen || silent == Silence)
            {
                (seen, silent) = (ride.Version, 0);
                yield return RideView.Of(ride, city, signals);
            }

            if (ride.IsOver || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                yield break;
            }

            silent = await listener.WaitAsync(s_lookAnyway, cancellationToken) ? 0 : silent + 1;
        }
    }
}
