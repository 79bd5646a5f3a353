using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Hosting;

/// <summary>Everything about the options that can be wrong before anything runs.</summary>
internal static class OptionsCheck
{
    /// <summary>More slots than any machine has threads, memory or connections for.</summary>
    private const int MostSlots = 100_000;

    /// <summary>What the databases take in one value, with much to spare.</summary>
    private const int MostBytes = 256 * 1024 * 1024;

    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

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

        foreach (var name in (options.Worker.Queues ?? []).Where(n => n is not null && !options.Queues.ContainsKey(n)))
        {
            problems.Add(
                $"The worker is to work on {Names.NotDeclared("queue", name, options.Queues.Keys)} Declare it with AddQueue(\"{name}\").");
        }
    }

    private static void CheckStores(SimmerOptions options, SimmerSetup setup, List<string> problems)
    {
        if (setup.Stores.Count > 1)
        {
            problems.Add($"Two stores are configured ({string.Join(" and ", setup.Stores.Select(static s => s.Name))}); a process has "
                + "one. Keep one UseX call.");
        }

        if (setup.Stores.Count == 0)
        {
            foreach (var (name, _) in options.Queues.Where(static q => q.Value.Durability == Durability.Durable))
            {
                problems.Add($"Queue '{name}' is to be durable, but no database is configured: call UseSqlite(\"Data Source=app.db\"), "
                    + "or UsePostgres(...).");
            }
        }

        if (options.Queues.TryGetValue(QueueNames.AfterResponse, out var after) && after.Durability == Durability.Durable)
        {
            problems.Add($"Queue '{QueueNames.AfterResponse}' is for delegates, which live in this process only; it cannot be durable. "
                + "Put a job into a durable queue instead.");
        }
    }

    private static void CheckTimes(SimmerOptions options, List<string> problems)
    {
        InRange(nameof(options.Lease), options.Lease, TimeSpan.FromTicks(WorkerNumbers.ShortestLease),
            TimeSpan.FromTicks(WorkerNumbers.LongestLease), problems);
        InRange(nameof(options.PollInterval), options.PollInterval, TimeSpan.FromMilliseconds(100), s_day, problems);
        InRange(nameof(options.PruneInterval), options.PruneInterval, TimeSpan.FromSeconds(1), s_day, problems);
        InRange(nameof(options.StuckAfter), options.StuckAfter, TimeSpan.FromMilliseconds(1), s_day, problems);
        InRange(nameof(options.EnqueueTimeout), options.EnqueueTimeout, TimeSpan.FromMilliseconds(1), s_day, problems);
        InRange(nameof(options.MaxClockSkew), options.MaxClockSkew, TimeSpan.FromSeconds(1), s_day, problems);
        if (JobOptionsCheck.WhyNoTimeLimit(options.DefaultTimeLimit) is { } why)
        {
            problems.Add($"{nameof(options.DefaultTimeLimit)} is {options.DefaultTimeLimit}; {why}");
        }

        InRange(nameof(options.DefaultMaxAttempts), options.DefaultMaxAttempts, 1, int.MaxValue, problems);
        InRange(nameof(options.MaxPayloadBytes), options.MaxPayloadBytes, 1, MostBytes, problems);
        InRange(nameof(options.MaxResultBytes), options.MaxResultBytes, 1, MostBytes, problems);
        if (options.Json is null)
        {
            problems.Add(
                $"{nameof(options.Json)} is null; give it options, such as new JsonSerializerOptions(JsonSerializerDefaults.Web).");
        }

        if (options.Worker.Name?.Length is 0 or > StoreRules.LongestName)
        {
            problems.Add($"Worker.{nameof(options.Worker.Name)} has {options.Worker.Name?.Length} characters; it takes 1 to "
                + $"{StoreRules.LongestName}, or null for the machine's name and the process id.");
        }

        Texts("Worker.Queues", options.Worker.Queues, problems);
        Texts("Worker.Capabilities", options.Worker.Capabilities, problems);
    }

    private static void CheckQueue(string name, QueueOptions queue, List<string> problems)
    {
        if (!QueueNames.IsValid(name))
        {
            problems.Add($"'{StoreRules.Cut(name, StoreRules.LongestShown)}' is not a queue name: it takes 1 to {QueueNames.MaxLength} "
                + "of the characters a-z, 0-9, '.', '_' and '-'.");
        }

        if (!Enum.IsDefined(queue.Threads))
        {
            problems.Add($"{nameof(queue.Threads)} of queue '{name}' is {queue.Threads}; it takes one of "
                + $"{string.Join(", ", Enum.GetNames<QueueThreads>())}.");
        }

        if (!Enum.IsDefined(queue.Durability))
        {
            problems.Add($"{nameof(queue.Durability)} of queue '{name}' is {queue.Durability}; it takes one of "
                + $"{string.Join(", ", Enum.GetNames<Durability>())}.");
        }

        InRange($"{nameof(queue.Concurrency)} of queue '{name}'", queue.Concurrency, 1, MostSlots, problems);
        InRange($"{nameof(queue.Capacity)} of queue '{name}'", queue.Capacity, 1, int.MaxValue, problems);
        InRange($"{nameof(queue.MaxPrefetch)} of queue '{name}'", queue.MaxPrefetch, 0, MostSlots, problems);
        Kept($"{nameof(queue.KeepSucceeded)} of queue '{name}'", queue.KeepSucceeded, problems);
        Kept($"{nameof(queue.KeepFailed)} of queue '{name}'", queue.KeepFailed, problems);
        Texts($"{nameof(queue.Requires)} of queue '{name}'", queue.Requires, problems);
    }

    private static void Kept(string what, TimeSpan got, List<string> problems)
    {
        if (got < TimeSpan.Zero)
        {
            problems.Add($"{what} is {got}; it takes zero (not kept) or more. For ever is TimeSpan.MaxValue.");
        }
    }

    private static void Texts(string what, IList<string>? texts, List<string> problems)
    {
        if (texts is null)
        {
            problems.Add($"{what} is null; give it a list, which may be empty.");
        }
        else if (texts.FirstOrDefault(static t => t is not { Length: > 0 and <= StoreRules.LongestName }) is var bad && texts
            .Any(static t => t is not { Length: > 0 and <= StoreRules.LongestName }))
        {
            problems.Add($"{what} holds a text of {bad?.Length ?? 0} characters; each takes 1 to {StoreRules.LongestName}.");
        }
    }

    private static void InRange<T>(string what, T got, T least, T most, List<string> problems)
        where T : IComparable<T>
    {
        if (got.CompareTo(least) < 0)
        {
            problems.Add($"{what} is {got}; it takes at least {least}.");
        }
        else if (got.CompareTo(most) > 0)
        {
            problems.Add($"{what} is {got}; it takes at most {most}.");
        }
    }
}
