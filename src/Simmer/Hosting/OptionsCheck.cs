using Simmer.Jobs;

namespace Simmer.Hosting;

/// <summary>Everything about the options that can be wrong before anything runs.</summary>
internal static class OptionsCheck
{
    public static void Check(SimmerOptions options, SimmerSetup setup, List<string> problems)
    {
        // Options may have been made more than once, each time reading the configuration.
        problems.AddRange(setup.ConfigurationProblems.Distinct());
        CheckStores(options, setup, problems);
        CheckTimes(options, problems);
        foreach (var (name, queue) in options.Queues)
        {
            CheckQueue(name, queue, problems);
        }

        foreach (var name in options.Worker.Queues.Where(n => !options.Queues.ContainsKey(n)))
        {
            problems.Add($"The worker is to work on {Names.NotDeclared("queue", name, options.Queues.Keys)} Declare it with AddQueue(\"{name}\").");
        }
    }

    private static void CheckStores(SimmerOptions options, SimmerSetup setup, List<string> problems)
    {
        if (setup.Stores.Count > 1)
        {
            problems.Add($"Two stores are configured ({string.Join(" and ", setup.Stores.Select(static s => s.Name))}); a process has one. Keep one UseX call.");
        }

        if (setup.Stores.Count == 0)
        {
            foreach (var (name, _) in options.Queues.Where(static q => q.Value.Durability == Durability.Durable))
            {
                problems.Add($"Queue '{name}' is to be durable, but no database is configured: call UseSqlite(\"Data Source=app.db\"), or UsePostgres(...).");
            }
        }

        if (options.Queues.TryGetValue(QueueNames.AfterResponse, out var after) && after.Durability == Durability.Durable)
        {
            problems.Add($"Queue '{QueueNames.AfterResponse}' is for delegates, which live in this process only; it cannot be durable. Put a job into a durable queue instead.");
        }
    }

    private static void CheckTimes(SimmerOptions options, List<string> problems)
    {
        AtLeast(nameof(options.Lease), options.Lease, TimeSpan.FromSeconds(3), problems);
        AtLeast(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(100), problems);
        AtLeast(nameof(options.PruneInterval), options.PruneInterval, TimeSpan.FromSeconds(1), problems);
        AtLeast(nameof(options.StuckAfter), options.StuckAfter, TimeSpan.FromMilliseconds(1), problems);
        AtLeast(nameof(options.EnqueueTimeout), options.EnqueueTimeout, TimeSpan.FromMilliseconds(1), problems);
        AtLeast(nameof(options.DefaultTimeLimit), options.DefaultTimeLimit, TimeSpan.FromMilliseconds(1), problems);
        AtLeast(nameof(options.DefaultMaxAttempts), options.DefaultMaxAttempts, 1, problems);
        AtLeast(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, 1, problems);
        AtLeast(nameof(options.MaxResultBytes), options.MaxResultBytes, 1, problems);
    }

    private static void CheckQueue(string name, QueueOptions queue, List<string> problems)
    {
        if (!QueueNames.IsValid(name))
        {
            problems.Add($"'{name}' is not a queue name: it takes 1 to {QueueNames.MaxLength} of the characters a-z, 0-9, '.', '_' and '-'.");
        }

        if (!Enum.IsDefined(queue.Threads))
        {
            problems.Add($"{nameof(queue.Threads)} of queue '{name}' is {queue.Threads}; it takes one of {string.Join(", ", Enum.GetNames<QueueThreads>())}.");
        }

        AtLeast($"{nameof(queue.Concurrency)} of queue '{name}'", queue.Concurrency, 1, problems);
        AtLeast($"{nameof(queue.Capacity)} of queue '{name}'", queue.Capacity, 1, problems);
        AtLeast($"{nameof(queue.MaxPrefetch)} of queue '{name}'", queue.MaxPrefetch, 0, problems);
        AtLeast($"{nameof(queue.KeepSucceeded)} of queue '{name}'", queue.KeepSucceeded, TimeSpan.Zero, problems);
        AtLeast($"{nameof(queue.KeepFailed)} of queue '{name}'", queue.KeepFailed, TimeSpan.Zero, problems);
    }

    private static void AtLeast<T>(string what, T got, T least, List<string> problems)
        where T : IComparable<T>
    {
        if (got.CompareTo(least) < 0)
        {
            problems.Add($"{what} is {got}; it takes at least {least}.");
        }
    }
}
