using Microsoft.Extensions.Options;
using Storefront.Shared;

namespace Storefront.Checkout;

/// <summary>Stands for the payment provider. Like a real one it takes its time, and charges a key once, however often it is asked: here the
/// books of the <see cref="Till"/> see to that.</summary>
public sealed class CardGateway(SlowGateway gateway, IOptions<StorefrontOptions> options, TimeProvider clock)
{
    public const string Good = "card-good";
    public const string Declined = "card-declined";
    public const string Slow = "card-slow";

    public static IReadOnlyList<string> Cards { get; } = [Good, Declined, Slow];

    /// <returns>Whether the bank lets the money go.</returns>
    public async Task<bool> ApproveAsync(string card, CancellationToken cancellationToken)
    {
        await gateway.CallAsync(cancellationToken);
        if (card == Slow)
        {
            await Task.Delay(options.Value.SlowCardDelay, clock, cancellationToken);
        }

        return card != Declined;
    }

    public Task RefundAsync(CancellationToken cancellationToken) => gateway.CallAsync(cancellationToken);
}
