using Microsoft.Extensions.Diagnostics.HealthChecks;
using Simmer;
using Simmer.AspNetCore.Health;
using Simmer.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Simmer to the application's health checks.</summary>
public static class SimmerHealthChecksBuilderExtensions
{
    /// <summary>Checks that the store answers, that this worker's lease is confirmed, that no job waits too long and that no handler is
    /// stuck.</summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">The status that is reported for a failure; <see langword="null"/>: unhealthy.</param>
    /// <param name="tags">The check's tags.</param>
    /// <param name="configure">Sets the thresholds.</param>
    /// <returns>The health checks.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
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
        if (options.DegradedAfter <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(configure), options.DegradedAfter,
                $"{nameof(options.DegradedAfter)} is {options.DegradedAfter}; it takes more than zero. For never give it "
                + "TimeSpan.MaxValue.");
        }

        return builder.Add(new HealthCheckRegistration(
            name,
            services => new SimmerHealthCheck(
                services.GetService<SimmerStatus>()
                    ?? throw new InvalidOperationException("The health check needs Simmer: call builder.Services.AddSimmer()."), options),
            failureStatus,
            tags));
    }
}
