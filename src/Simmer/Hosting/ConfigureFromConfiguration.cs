using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Simmer.Jobs;

namespace Simmer.Hosting;

/// <summary>Reads the section <c>Simmer</c> over what code set. Only declared queues may be tuned.</summary>
internal sealed class ConfigureFromConfiguration(SimmerSetup setup, IConfiguration? configuration) : IPostConfigureOptions<SimmerOptions>
{
    /// <summary>Sections that other packages read.</summary>
    private static readonly string[] s_foreign = ["Sqlite", "Postgres", "Dashboard"];

    private readonly ConfigurationReader _reader = new(setup.ConfigurationProblems);

    public void PostConfigure(string? name, SimmerOptions options)
    {
        if (configuration?.GetSection("Simmer") is not { } section)
        {
            return;
        }

        _reader.Read(section, new()
        {
            [nameof(options.ApplicationVersion)] = s => _reader.Version(s, v => options.ApplicationVersion = v),
            [nameof(options.DefaultMaxAttempts)] = s => _reader.Int(s, v => options.DefaultMaxAttempts = v),
            [nameof(options.DefaultTimeLimit)] = s => _reader.Time(s, v => options.DefaultTimeLimit = v),
            [nameof(options.StuckAfter)] = s => _reader.Time(s, v => options.StuckAfter = v),
            [nameof(options.Lease)] = s => _reader.Time(s, v => options.Lease = v),
            [nameof(options.PollInterval)] = s => _reader.Time(s, v => options.PollInterval = v),
            [nameof(options.PruneInterval)] = s => _reader.Time(s, v => options.PruneInterval = v),
            [nameof(options.MaxClockSkew)] = s => _reader.Time(s, v => options.MaxClockSkew = v),
            [nameof(options.EnqueueTimeout)] = s => _reader.Time(s, v => options.EnqueueTimeout = v),
            [nameof(options.MaxPayloadBytes)] = s => _reader.Int(s, v => options.MaxPayloadBytes = v),
            [nameof(options.MaxResultBytes)] = s => _reader.Int(s, v => options.MaxResultBytes = v),
            [nameof(options.Worker)] = s => ReadWorker(s, options.Worker),
            [nameof(options.Queues)] = s => ReadQueues(s, options),
        }, s_foreign);
    }

    private void ReadWorker(IConfigurationSection section, WorkerOptions worker) => _reader.Read(section, new()
    {
        [nameof(worker.Enabled)] = s => _reader.Bool(s, v => worker.Enabled = v),
        [nameof(worker.Name)] = s => worker.Name = s.Value,
        [nameof(worker.Queues)] = s => worker.Queues = ConfigurationReader.List(s),
        [nameof(worker.Capabilities)] = s => worker.Capabilities = ConfigurationReader.List(s),
    });

    private void ReadQueues(IConfigurationSection section, SimmerOptions options)
    {
        foreach (var child in section.GetChildren())
        {
            if (!options.Queues.TryGetValue(child.Key, out var queue))
            {
                _reader.Problem(
                    $"The configuration tunes {Names.NotDeclared("queue", child.Key, options.Queues.Keys)} Configuration may only "
                    + $"tune declared queues: declare it with AddQueue(\"{child.Key}\").");
                continue;
            }

            _reader.Read(child, new()
            {
                [nameof(queue.Durability)] = s => _reader.Enumeration<Durability>(s, v => queue.Durability = v),
                [nameof(queue.Concurrency)] = s => _reader.Int(s, v => queue.Concurrency = v),
                [nameof(queue.Threads)] = s => _reader.Enumeration<QueueThreads>(s, v => queue.Threads = v),
                [nameof(queue.Requires)] = s => queue.Requires = ConfigurationReader.List(s),
                [nameof(queue.Capacity)] = s => _reader.Int(s, v => queue.Capacity = v),
                [nameof(queue.KeepSucceeded)] = s => _reader.Time(s, v => queue.KeepSucceeded = v),
                [nameof(queue.KeepFailed)] = s => _reader.Time(s, v => queue.KeepFailed = v),
                [nameof(queue.LocalDispatch)] = s => _reader.Bool(s, v => queue.LocalDispatch = v),
                [nameof(queue.MaxPrefetch)] = s => _reader.Int(s, v => queue.MaxPrefetch = v),
            });
        }
    }
}
