using Microsoft.Extensions.Options;

namespace Storefront.Shared;

/// <summary>Stands for the provider at the other end of the wire that takes its time: a mail relay, a push service. What it takes is
/// <see cref="StorefrontOptions.GatewayDelay"/>.</summary>
public sealed class SlowGateway(IOptions<StorefrontOptions> options, TimeProvider clock)
{
    public Task CallAsync(CancellationToken cancellationToken) => Task.Delay(options.Value.GatewayDelay, clock, cancellationToken);
}
