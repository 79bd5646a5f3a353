using Microsoft.Extensions.Options;

namespace Storefront.Shared;

/// <summary>Stands for a slow provider, such as a mail relay or a push service. A call takes
/// <see cref="StorefrontOptions.GatewayDelay"/>.</summary>
public sealed class SlowGateway(IOptions<StorefrontOptions> options, TimeProvider clock)
{
    public Task CallAsync(CancellationToken cancellationToken) => Task.Delay(options.Value.GatewayDelay, clock, cancellationToken);
}
