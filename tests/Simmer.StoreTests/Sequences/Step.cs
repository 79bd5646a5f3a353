namespace Simmer.StoreTests.Sequences;

/// <summary>One step of a random sequence. It says <em>which</em> by position ("the third known job"), so that it means something after any
/// other steps: shrinking may drop whatever came before.</summary>
public abstract record Step
{
    /// <summary>Simpler steps that might show the same difference.</summary>
    public virtual IEnumerable<Step> Simpler() => [];
}

public sealed record Pass(int Seconds) : Step;

public sealed record Register : Step;

public sealed record Deregister(int Worker) : Step;

public sealed record Beat(int Worker) : Step;

public sealed record Look(int Worker) : Step;

/// <param name="Worker">Who is looked at.</param>
/// <param name="Stale">The observer saw an older counter.</param>
public sealed record Rescue(int Worker, bool Stale) : Step;

public sealed record Promote(int Limit) : Step;

public sealed record Prune : Step;

public sealed record Cancel(int Job, int Keep) : Step;

public sealed record Retry(int Job) : Step;

public sealed record Delete(int Job) : Step;

/// <param name="Flow">Which of the known workflows.</param>
public sealed record CancelFlow(int Flow) : Step;

/// <param name="Flow">Which of the known workflows.</param>
/// <param name="Step">The number of the step; <see langword="null"/>: all that failed.</param>
/// <param name="Force">Whatever was undone.</param>
public sealed record RetryFlow(int Flow, int? Step, bool Force) : Step;

/// <param name="Flow">Which of the known workflows.</param>
public sealed record DeleteFlow(int Flow) : Step;

public sealed record Pause(int Queue, bool Paused) : Step;

/// <summary>The worker's last flush is sent again.</summary>
public sealed record Repeat(int Worker) : Step;

/// <param name="Worker">Who sends it.</param>
/// <param name="Settles">What it settles.</param>
/// <param name="GiveBacks">What it gives back.</param>
/// <param name="Notes">What it notes progress of.</param>
/// <param name="Enqueues">What it enqueues.</param>
/// <param name="Flows">Which workflows it enqueues.</param>
/// <param name="Claims">How many it claims of each queue.</param>
/// <param name="Kinds">How many of the kinds it knows.</param>
/// <param name="Slots">How many slots it has that suspects may take; 0: it takes none.</param>
public sealed record Send(
    int Worker, Settle[] Settles, Lease[] GiveBacks, Lease[] Notes, Enqueue[] Enqueues, EnqueueFlow[] Flows, int[] Claims, int Kinds,
        int Slots) : Step
{
    public override IEnumerable<Step> Simpler()
    {
        foreach (var settles in Without(Settles))
        {
            yield return this with { Settles = settles };
        }

        foreach (var giveBacks in Without(GiveBacks))
        {
            yield return this with { GiveBacks = giveBacks };
        }

        foreach (var notes in Without(Notes))
        {
            yield return this with { Notes = notes };
        }

        foreach (var enqueues in Without(Enqueues))
        {
            yield return this with { Enqueues = enqueues };
        }

        for (var i = 0; i < Enqueues.Length; i++)
        {
            foreach (var simpler in Enqueues[i].Simpler())
            {
                Enqueue[] enqueues = [.. Enqueues];
                enqueues[i] = simpler;
                yield return this with { Enqueues = enqueues };
            }
        }

        foreach (var flows in Without(Flows))
        {
            yield return this with { Flows = flows };
        }

        for (var i = 0; i < Flows.Length; i++)
        {
            foreach (var simpler in Flows[i].Simpler())
            {
                EnqueueFlow[] flows = [.. Flows];
                flows[i] = simpler;
                yield return this with { Flows = flows };
            }
        }

        for (var i = 0; i < Settles.Length; i++)
        {
            if (Settles[i] is { Branch: not null } or { Added: > 0 })
            {
                Settle[] settles = [.. Settles];
                settles[i] = settles[i] with { Branch = null, Added = 0 };
                yield return this with { Settles = settles };
            }
        }

        if (Claims.Any(count => count > 0))
        {
            yield return this with { Claims = [0, 0] };
        }
    }

    public override string ToString() =>
        $"Send {{ Worker = {Worker}{Part("Settles", Settles)}{Part("GiveBacks", GiveBacks)}"
            + $"{Part("Notes", Notes)}{Part("Enqueues", Enqueues)}{Part("Flows", Flows)}" +
        $"{(Claims.Any(c => c > 0) ? $", Claims = {string.Join("+", Claims)} of {Kinds} kinds" : "")}"
            + $"{(Slots > 0 ? $", Slots = {Slots}" : "")} }}";

    private static string Part<T>(string name, T[] items) => items.Length == 0 ? "" : $", {name} = [{string.Join(", ", items)}]";

    private static IEnumerable<T[]> Without<T>(T[] items)
    {
        for (var i = 0; i < items.Length; i++)
        {
            yield return [.. items[..i], .. items[(i + 1)..]];
        }
    }
}

/// <param name="Which">Which of the leases.</param>
/// <param name="Wild">Whether the lease is any that was ever given to any worker; otherwise it is one that this worker holds.</param>
public sealed record Lease(int Which, bool Wild)
{
    public override string ToString() => Wild ? $"any {Which}" : $"own {Which}";
}

/// <param name="Lease">The lease.</param>
/// <param name="State">The state to go to.</param>
/// <param name="Forgive">Whether the attempt is forgiven.</param>
/// <param name="Error">Whether an error is added.</param>
/// <param name="Keep">How long it is kept.</param>
/// <param name="Branch">The branch it returns.</param>
/// <param name="Added">How many steps it adds.</param>
public sealed record Settle(Lease Lease, JobState State, bool Forgive, bool Error, int Keep, string? Branch, int Added)
{
    public override string ToString() =>
        $"{Lease} {State}{(Forgive ? " forgiven" : "")}{(Error ? " with error" : "")} keep "
            + $"{Keep}{(Branch is null ? "" : $" branch {Branch}")}{(Added == 0 ? "" : $" adds {Added}")}";
}

/// <param name="Again">The id of a job already known, by its position.</param>
/// <param name="Kind">Which kind.</param>
/// <param name="Queue">Which queue.</param>
/// <param name="Priority">The priority.</param>
/// <param name="Due">In how many seconds it is due.</param>
/// <param name="Expires">In how many seconds it expires.</param>
/// <param name="Key">Which unique key.</param>
/// <param name="WhileWaiting">Whether the key is held while waiting only.</param>
/// <param name="Dispatch">Whether a slot is free.</param>
/// <param name="Bad">Whether it must be refused.</param>
/// <param name="Group">Its group.</param>
public sealed record Enqueue(
    int? Again, int Kind, int Queue, int Priority, int? Due, int? Expires, int? Key, bool WhileWaiting, bool Dispatch, bool Bad, int Group)
{
    public IEnumerable<Enqueue> Simpler()
    {
        var plain = this with { Again = null, Kind = 0, Queue = 0, Priority = 0, Due = null, Expires = null, Key = null,
            WhileWaiting = false, Dispatch = false, Bad = false, Group = 0 };
        Enqueue[] simpler = [plain, this with { Due = null, Expires = null }, this with { Key = null },
            this with { Priority = 0, Group = 0 }, this with { Queue = 0 }];

        // Without the value itself, because shrinking would never end.
        return simpler.Where(other => other != this);
    }

    /// <summary>Only what is not plain.</summary>
    public override string ToString() =>
        $"(q{Queue} k{Kind} p{Priority}{(Again is { } again ? $" again {again}" : "")}{(Due is { } due ? $" due {due}s" : "")}" +
        $"{(Expires is { } expires ? $" expires {expires}s" : "")}"
            + $"{(Key is { } key ? $" key {key}{(WhileWaiting ? " while waiting" : "")}" : "")}" +
        $"{(Dispatch ? " dispatch" : "")}{(Bad ? " bad" : "")}{(Group > 0 ? $" group {Group}" : "")})";
}

/// <param name="Again">The id of a workflow already known, by its position.</param>
/// <param name="Graph">Its graph; how its steps end is said where they are settled.</param>
/// <param name="Bad">Whether it must be refused.</param>
public sealed record EnqueueFlow(int? Again, Graphs.RandomGraph Graph, bool Bad)
{
    public IEnumerable<EnqueueFlow> Simpler()
    {
        if (Again is not null || Bad)
        {
            yield return this with { Again = null, Bad = false };
        }

        // Zero: every step is a plain one.
        if (Graph.Course != 0)
        {
            yield return this with { Graph = Graph with { Course = 0 } };
        }

        foreach (var graph in Graph.Simpler())
        {
            yield return this with { Graph = graph };
        }
    }

    public override string ToString() => $"({(Again is { } again ? $"again {again} " : "")}{(Bad ? "bad " : "")}{Graph})";
}
