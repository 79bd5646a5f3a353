using System.Text.Json;

namespace Simmer.Jobs;

/// <summary>An older shape of a job as <c>AddUpcaster</c> declared it, until start resolves it.</summary>
internal abstract class UpcastDeclaration
{
    public abstract JobDeclaration Older { get; }

    public abstract Type Newer { get; }

    /// <summary>The older kind, which is stored under its own name and runs as the newer one.</summary>
    /// <param name="older">The older kind, resolved from its record alone.</param>
    /// <param name="newer">The kind that it becomes. It may be an older shape itself.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public abstract JobKind Resolve(JobKind older, JobKind newer, List<string> problems);
}

internal sealed class UpcastDeclaration<TOlder, TNewer>(Func<TOlder, TNewer> upcast) : UpcastDeclaration
    where TOlder : class, IJob
    where TNewer : class, IJob
{
    public override JobDeclaration Older { get; } = new JobDeclaration<TOlder>(null, null);

    public override Type Newer => typeof(TNewer);

    public override JobKind Resolve(JobKind older, JobKind newer, List<string> problems)
    {
        if (older.Result?.Type != newer.Result?.Type)
        {
            problems.Add($"Job '{older.Name}' ({typeof(TOlder).Name}) gives {Named(older)}, and '{newer.Name}' ({typeof(TNewer).Name}), "
                + $"which it becomes, gives {Named(newer)}: whoever waits for it needs the same.");
        }

        return new JobKind
        {
            Name = older.Name,
            Type = typeof(TOlder),
            Queue = newer.Queue,
            MaxAttempts = newer.MaxAttempts,
            TimeLimit = newer.TimeLimit,
            Priority = newer.Priority,
            Retry = newer.Retry,
            Result = newer.Result,
            Adds = newer.Adds,
            Handler = newer.Handler,
            Inputs = newer.Inputs,
            Write = older.Write,
            Read = older.Read,
            Upcast = job => newer.AsRun(upcast((TOlder)job)
                ?? throw new JsonException($"The upcaster from {typeof(TOlder).Name} to {typeof(TNewer).Name} gave null.")),
        };
    }

    private static string Named(JobKind kind) => kind.Result is null ? "no result" : TypeNames.An(kind.Result.Type);
}
