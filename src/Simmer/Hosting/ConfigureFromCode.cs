using Microsoft.Extensions.Options;
using Simmer.Jobs;

namespace Simmer.Hosting;

/// <summary>Code declares; it runs before the configuration, which wins.</summary>
internal sealed class ConfigureFromCode(SimmerSetup setup) : IConfigureOptions<SimmerOptions>
{
    public void Configure(SimmerOptions options)
    {
        options.Queues[QueueNames.Default] = new QueueOptions();
        options.Queues[QueueNames.AfterResponse] = new QueueOptions
        {
            Durability = Durability.InMemory,
            Concurrency = 64,
            Capacity = 10_000,
            KeepSucceeded = TimeSpan.Zero,
            KeepFailed = TimeSpan.Zero,
        };
        foreach (var (name, configure) in setup.Queues)
        {
            if (!options.Queues.TryGetValue(name, out var queue))
            {
                options.Queues[name] = queue = new QueueOptions();
            }

            configure?.Invoke(queue);
        }

        foreach (var configure in setup.Configures)
        {
            configure(options);
        }
    }
}
