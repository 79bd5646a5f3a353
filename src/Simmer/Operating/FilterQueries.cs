using Simmer.Engine;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Operating;

/// <summary>Turns a filter into what the stores are asked.</summary>
internal static class FilterQueries
{
    public const int MostAtOnce = 1_000;

    public static JobQuery Query(JobFilter filter, IReadOnlyList<JobState> states, JobId? before, int limit) => new()
    {
        Queue = filter.Queue is { } queue ? QueueNames.Stored(queue) : null,
        Kind = filter.Kind,
        States = states,
        Tag = filter.Tag,
        EnqueuedAfter = filter.EnqueuedAfter,
        EnqueuedBefore = filter.EnqueuedBefore,
        Before = before,
        Limit = limit,
    };

    /// <summary>The stores that a filter is about.</summary>
    public static IEnumerable<StoreEngine> Engines(StoreEngines engines, JobFilter filter) => filter.Durability switch
    {
        Durability.InMemory => [engines.Memory],
        Durability.Durable => engines.Durable is { } durable ? [durable] : [],
        _ => engines.All,
    };

    /// <summary>The states that a filter leaves of those that count for an operation.</summary>
    /// <exception cref="ArgumentException">The filter's state is not one of them.</exception>
    public static IReadOnlyList<JobState> States(JobFilter filter, IReadOnlyList<JobState> allowed) => filter.State switch
    {
        null => allowed,
        { } state when allowed.Contains(state) => [state],
        { } state => throw new ArgumentException(
            $"The filter's State is {state}; here it takes {string.Join(", ", allowed)}, or null for all of them.", nameof(filter)),
    };

    /// <exception cref="ArgumentException">The filter is out of range.</exception>
    public static void Check(JobFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (!Enum.IsDefined(filter.Durability))
        {
            throw new ArgumentException(
                $"The filter's Durability is {filter.Durability}; it takes Auto (both stores), Durable or InMemory.", nameof(filter));
        }

        if (filter.State is { } state && (state == JobState.Unknown || !Enum.IsDefined(state)))
        {
            throw new ArgumentException($"The filter's State is {state}; it takes a state in which a job can be stored.", nameof(filter));
        }
    }

    public static void CheckLimit(int limit, int most, string name)
    {
        if (limit < 1 || limit > most)
        {
            throw new ArgumentOutOfRangeException(name, limit,
                most == int.MaxValue ? "It takes at least 1." : $"It takes 1 to {most:N0}.");
        }
    }
}
