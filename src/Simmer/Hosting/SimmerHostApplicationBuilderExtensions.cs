using Microsoft.Extensions.DependencyInjection;
using Simmer;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds Simmer to a host that is being built.</summary>
public static class SimmerHostApplicationBuilderExtensions
{
    /// <summary>Adds Simmer without its web part, for worker processes. A web application calls <c>AddSimmer</c>. The same as
    /// <see cref="SimmerServiceCollectionExtensions.AddSimmerCore"/> on the host's services.</summary>
    /// <param name="builder">The host's builder.</param>
    /// <returns>A builder for queues, jobs and the store; calling it again goes on with the same set-up.</returns>
    public static SimmerBuilder AddSimmerCore(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Services.AddSimmerCore();
    }
}
