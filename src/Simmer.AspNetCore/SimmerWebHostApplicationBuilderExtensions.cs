using Microsoft.Extensions.DependencyInjection;
using Simmer;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds Simmer to a web application that is being built.</summary>
public static class SimmerWebHostApplicationBuilderExtensions
{
    /// <summary>Adds Simmer: queues, jobs, and <see cref="BackgroundTasks"/> that run after the response. The same as
    /// <see cref="SimmerWebServiceCollectionExtensions.AddSimmer"/> on the application's services.</summary>
    /// <param name="builder">The application's builder.</param>
    /// <returns>A builder for queues, jobs and the store; calling it again goes on with the same set-up.</returns>
    public static SimmerBuilder AddSimmer(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Services.AddSimmer();
    }
}
