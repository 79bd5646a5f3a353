using Microsoft.Extensions.Diagnostics.HealthChecks;
using Simmer;
using Simmer.AspNetCore.Health;
using Simmer.Diagnostics;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Simmer to the application's health checks.</summary>
public static class SimmerHealthChecksBuilderExtensions
{
    /// <summary>Checks that the store answers, that this worker's lease is confirmed, that no job waits too long and that no handler is stuck.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What a failure is reported as; <see langword="null"/>: unhealthy.</param>
    /// <param name="tags">The check's tags.</param>
    /// <param name="configure">Sets the thresholds.</param>
    /// <returns>The health checks.</returns>
    public static IHealthChecksBuilder AddSimmer(
        this IHealthChecksBuilder builder,
        string name = "simmer",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null,
        Action<SimmerHealthOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new SimmerHealthOptions();
        configure?.Invoke(options);
        return builder.Add(new HealthCheckRegistration(
            name,
            services => new SimmerHealthCheck(
                services.GetService<SimmerStatus>() ?? throw new InvalidOperationException("The health check needs Simmer: call builder.Services.AddSimmer()."), options),
            failureStatus,
            tags));
    }
}
