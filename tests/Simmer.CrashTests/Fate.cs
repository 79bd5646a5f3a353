using Simmer.CrashTests.Faults;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>How one life of a worker process is to end. It follows from the seed and the number of the life, so that a run can be
/// repeated.</summary>
internal sealed record Fate
{
    // By these names WitnessStore knows what is asked of the store, and one handler its own commit. All of them commit.
    private static readonly string[] s_verbs =
        ["initialize", "register", "enqueue", "dispatch", "claim", "settle", "complete", "retry", "workflow", "release", "add", "delete",
            "progress", "cancel", "beat", "hold", "rescue", "promote", "prune", "give-back", "deregister"];

    private static readonly string[] s_moments = ["kill-before", "kill-half", "kill-after"];

    // One process does these for all, and the next one has to wait for the end of its upkeep lease. So a life that is to die in one of them
    // has to be long.
    private static readonly string[] s_upkeep = ["rescue", "promote", "prune"];

    private static readonly KillPoint[] s_points =
        [.. from verb in s_verbs from when in Enum.GetValues<KillWhen>() select new KillPoint(verb, when, 1)];

    private static readonly KillPoint[] s_quickPoints = [.. s_points.Where(static p => !s_upkeep.Contains(p.Verb))];

    /// <summary>The point at which it kills itself; null: it does not.</summary>
    public KillPoint? Point { get; init; }

    /// <summary>The fault of its disk, once faults are switched on.</summary>
    public DiskFault? Fault { get; init; }

    /// <summary>Whether faults are switched on from the start. They hit a checkpoint, which no call asks for.</summary>
    public bool AtCheckpoint { get; init; }

    /// <summary>Whether it is stopped by SIGTERM in place of SIGKILL when its time is over. It then waits for nothing and gives back the
    /// jobs that run.</summary>
    public bool Stops { get; init; }

    /// <summary>Its time begins with the process and not when it works.</summary>
    public bool WhileStarting { get; init; }

    /// <summary>The time after which the test ends it.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>The name under which it is counted.</summary>
    public string Name => this switch
    {
        { Point: { } point } => $"{point.When} {point.Verb}".ToLowerInvariant(),
        { AtCheckpoint: true } => "during checkpoint",
        { Stops: true } => "stop",
        _ => "any moment",
    };

    /// <summary>All the chosen points.</summary>
    public static IEnumerable<string> Names => s_points.Select(static p => new Fate { Point = p }.Name).Append("during checkpoint");

    /// <summary>Decides how a life ends.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="life">The number of the life.</param>
    /// <param name="isCrowded">Whether other processes die at the same time, so that this one may live for some seconds.</param>
    public static Fate Of(int seed, int life, bool isCrowded)
    {
        var random = new Random((seed * 7919) + life);
        if (life % 5 < 3)
        {
            // In turn, so that a short run comes to all of them.
            var points = isCrowded ? s_points : s_quickPoints;
            return Chosen(random, points[(seed + (life / 5 * 3) + (life % 5)) % points.Length]);
        }

        return random.Next(8) switch
        {
            0 => new Fate { AtCheckpoint = true, Fault = FaultAt(random, random.Next(2) == 0 ? "write" : "sync", "jobs.db"),
                Time = Milliseconds(1_000) },
            1 => new Fate { Stops = true, Time = Milliseconds(random.Next(400)) },
            2 or 3 => new Fate { WhileStarting = true, Time = Milliseconds(random.Next(50, 600)) },
            _ => new Fate { Time = Milliseconds(random.Next(20, 700)) },
        };
    }

    /// <summary>The life of a process with this fate.</summary>
    public WorkerLife Shape(WorkerLife life) => life with { Callers = Stops ? 6 : 2, Kill = Point, ShutdownSeconds = Stops ? 0 : 1 };

    private static Fate Chosen(Random random, KillPoint point)
    {
        var isUpkeep = s_upkeep.Contains(point.Verb);
        var isLeaving = point.Verb is "give-back" or "deregister";
        var isOnce = isUpkeep || isLeaving || point.Verb is "initialize" or "register";
        return new Fate
        {
            Point = point with { Nth = isOnce ? 1 : random.Next(1, 4) },
            Fault = point.When == KillWhen.During ? FaultAt(random, random.Next(3) == 0 ? "sync" : "write", "-wal") : null,
            Stops = isLeaving,
            Time = Milliseconds(isLeaving ? random.Next(50, 300) : isUpkeep ? 4_500 : 1_000),
        };
    }

    private static DiskFault FaultAt(Random random, string call, string suffix) => call == "sync"
        ? DiskFault.At(call, suffix, random.Next(2) == 0 ? "kill-before" : "kill-after", 1)
        : DiskFault.At(call, suffix, s_moments[random.Next(s_moments.Length)], random.Next(1, 7));

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
