using Simmer.CrashTests.Faults;
using Simmer.CrashTests.Worker;

namespace Simmer.CrashTests;

/// <summary>How one life of a worker process is to end. Seed and number of the life decide it, so that a run can be repeated.</summary>
internal sealed record Fate
{
    // By these names WitnessStore knows what is asked of the store. All of them commit.
    private static readonly string[] s_verbs =
        ["initialize", "register", "enqueue", "dispatch", "claim", "settle", "retry", "progress", "cancel", "beat", "hold", "rescue", "promote", "prune", "give-back", "deregister"];

    private static readonly string[] s_moments = ["kill-before", "kill-half", "kill-after"];

    private static readonly KillPoint[] s_points = [.. from verb in s_verbs from when in Enum.GetValues<KillWhen>() select new KillPoint(verb, when, 1)];

    /// <summary>Where it kills itself; null: it does not.</summary>
    public KillPoint? Point { get; init; }

    /// <summary>What its disk does once the faults are on.</summary>
    public DiskFault? Fault { get; init; }

    /// <summary>Whether the faults are on from the start: they hit at a checkpoint, which nobody asks for.</summary>
    public bool AtCheckpoint { get; init; }

    /// <summary>SIGTERM comes when its time is over, in place of SIGKILL.</summary>
    public bool Stops { get; init; }

    /// <summary>Its time begins with the process and not when it works.</summary>
    public bool WhileStarting { get; init; }

    /// <summary>After this long somebody else ends it.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>What it is called when hits are counted.</summary>
    public string Name => this switch
    {
        { Point: { } point } => $"{point.When} {point.Verb}".ToLowerInvariant(),
        { AtCheckpoint: true } => "during checkpoint",
        { Stops: true } => "stop",
        _ => "any moment",
    };

    /// <summary>All the chosen points.</summary>
    public static IEnumerable<string> Names => s_points.Select(static p => new Fate { Point = p }.Name).Append("during checkpoint");

    public static Fate Of(int seed, int life)
    {
        var random = new Random((seed * 7919) + life);
        return random.Next(20) switch
        {
            < 12 => Chosen(random, s_points[(seed + life) % s_points.Length]),
            12 => new Fate { AtCheckpoint = true, Fault = FaultAt(random, random.Next(2) == 0 ? "write" : "sync", "jobs.db"), Time = Milliseconds(1_500) },
            13 => new Fate { Stops = true, Time = Milliseconds(random.Next(400)) },
            14 or 15 => new Fate { WhileStarting = true, Time = Milliseconds(random.Next(50, 600)) },
            _ => new Fate { Time = Milliseconds(random.Next(20, 700)) },
        };
    }

    private static Fate Chosen(Random random, KillPoint point)
    {
        var rare = point.Verb is "initialize" or "register" or "rescue" or "promote" or "give-back" or "deregister";
        return new Fate
        {
            Point = point with { Nth = rare ? 1 : random.Next(1, 4) },
            Fault = point.When == KillWhen.During ? FaultAt(random, random.Next(3) == 0 ? "sync" : "write", "-wal") : null,
            Stops = point.Verb is "give-back" or "deregister",
            Time = Milliseconds(point.Verb is "give-back" or "deregister" ? random.Next(50, 300) : 1_500),
        };
    }

    private static DiskFault FaultAt(Random random, string call, string suffix) => call == "sync"
        ? DiskFault.At(call, suffix, random.Next(2) == 0 ? "kill-before" : "kill-after", 1)
        : DiskFault.At(call, suffix, s_moments[random.Next(s_moments.Length)], random.Next(1, 7));

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
