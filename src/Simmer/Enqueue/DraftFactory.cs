using System.Diagnostics;
using System.Text.Json;
using Simmer.Context;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Enqueue;

/// <summary>Turns a job and its options into a draft, and refuses what cannot be stored before anything is.</summary>
internal sealed class DraftFactory(EngineContext context, Func<JobKind, string, JobRoute> routeOf)
{
    private const int MaxKey = 200;
    private const int MaxTags = 20;
    private const int MaxTag = 100;
    private const int MaxPath = 100;

    /// <summary>W3C Trace Context: so much of a trace's state is to be passed on at least.</summary>
    private const int MaxTraceState = 512;

    /// <param name="job">The job.</param>
    /// <param name="options">How to enqueue it.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="step">What makes it a step of a workflow.</param>
    public JobDraft Make(IJob job, EnqueueOptions? options, JobKind kind, StepDraft? step = null)
    {
        options ??= s_none;
        RefuseForStep(options, step);
        if (step is null && kind.Inputs.Count > 0)
        {
            throw new InvalidOperationException(
                $"Job '{kind.Name}' is enqueued alone, but its handler takes {kind.Inputs[0]}, which an earlier step of its workflow "
                    + "gives. Enqueue it in a chain or a workflow, after a job that gives one.");
        }

        if (options.Id is { } given && StoreRules.WhyRefused(given) is { } why)
        {
            throw new ArgumentException(why, nameof(options));
        }

        var now = context.Now;
        var route = options.Queue is { } queue ? routeOf(kind, QueueOf(queue)) : kind.Route ??= routeOf(kind, QueueOf(kind.Queue));
        return new JobDraft
        {
            Id = options.Id ?? step?.Workflow.Step(step.Number) ?? NewIds.Next(now),
            IdGiven = options.Id is not null,
            Kind = kind.Name,
            Queue = route.Queue,
            Route = route,
            Payload = route.IsDurable ? Payload(job, kind) : default,
            Item = route.IsDurable ? null : InMemory(job, kind),
            Priority = InRange(options.Priority ?? kind.Priority, nameof(options.Priority), -JobOptionsCheck.MaxPriority,
                JobOptionsCheck.MaxPriority),
            DueAt = step is null ? options.DueAt : null,
            Delay = step is null && DelayOf(options) is var delay && delay > TimeSpan.Zero ? delay : null,
            ExpiresIn = options.ExpiresIn is { } expires ? MoreThanZero(expires, nameof(options.ExpiresIn)) : null,
            UniqueKey = options.UniqueKey is { } key ? Text(key, nameof(options.UniqueKey), MaxKey) : null,
            UniqueWhile = options.UniqueWhile is UniqueWhile.Unfinished or UniqueWhile.Waiting ? options.UniqueWhile
                : throw new ArgumentOutOfRangeException(nameof(options), options.UniqueWhile,
                    $"UniqueWhile is {options.UniqueWhile}; it takes one of {string.Join(", ", Enum.GetNames<UniqueWhile>())}."),
            Tags = Tags(options.Tags),
            MaxAttempts = InRange(options.MaxAttempts ?? kind.MaxAttempts, nameof(options.MaxAttempts), 1, int.MaxValue),
            TimeLimit = options.TimeLimit is { } limit ? TimeLimit(limit) : null,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null,
            TraceState = TraceState(Activity.Current?.TraceStateString),
            Step = step,
        };
    }

    private static readonly EnqueueOptions s_none = new();

    /// <summary>How long after it is stored a job is due, and a step after its release.</summary>
    public static TimeSpan DelayOf(EnqueueOptions? options) => options is { Delay: { } delay }
        ? options.DueAt is null ? NotNegative(delay) : throw BothSet()
        : TimeSpan.Zero;

    private static void RefuseForStep(EnqueueOptions options, StepDraft? step)
    {
        if (step is not null && options is ({ Id: not null } or { UniqueKey: not null }))
        {
            throw new ArgumentException(
                $"Step '{step.Name}' is given {(options.Id is null ? "a unique key" : "an id")}; a step has neither of its own. To "
                    + "enqueue a workflow once, give it an id: WorkflowOptions.Id = WorkflowId.For(...).",
                nameof(options));
        }
    }

    private string QueueOf(string name) => context.Options.Queues.ContainsKey(name)
        ? QueueNames.Stored(name)
        : throw new InvalidOperationException(
            $"Queue '{StoreRules.Cut(name, StoreRules.LongestShown)}' is not "
                + $"declared{(Names.Nearest(name, context.Options.Queues.Keys) is { } near ? $"; did you mean '{near}'?" : ".")} Declare "
                + $"it with AddQueue(\"{StoreRules.Cut(name, StoreRules.LongestShown)}\").");

    private IJob InMemory(IJob job, JobKind kind)
    {
        if (!context.IsDevelopment || kind.IsLocalOnly)
        {
            return job;
        }

        var payload = Payload(job, kind);
        try
        {
            return kind.Read(payload);
        }
        catch (Exception e)
        {
            throw new ArgumentException($"Job '{kind.Name}' can be written as JSON and not be read back: {e.Message}", nameof(job), e);
        }
    }

    private ReadOnlyMemory<byte> Payload(IJob job, JobKind kind)
    {
        var payload = Written(job, kind);
        return payload.Length <= context.Options.MaxPayloadBytes ? payload : throw new ArgumentException(
            $"Job '{kind.Name}' takes {payload.Length:N0} bytes; at most {context.Options.MaxPayloadBytes:N0} are allowed "
                + "(MaxPayloadBytes). Store the data elsewhere and put where it is into the job.", nameof(job));
    }

    private static ReadOnlyMemory<byte> Written(IJob job, JobKind kind)
    {
        try
        {
            return kind.Write(job);
        }
        catch (JsonException e)
        {
            throw new ArgumentException(
                $"Job '{kind.Name}' cannot be stored as JSON{(PathOf(e) is { } path ? $", because of {path}" : null)}: "
                    + $"{e.Message.Split(" Path: ")[0]} Keep identifiers in the record and fetch the rest in the handler.", nameof(job), e);
        }
        catch (Exception e)
        {
            throw new ArgumentException($"Job '{kind.Name}' cannot be stored as JSON: {e.Message}", nameof(job), e);
        }
    }

    /// <summary>The path in the record. The serializer gives it only in the text of its message, and for a cycle with all its
    /// rounds.</summary>
    private static string? PathOf(JsonException e)
    {
        const string Before = " Path: ";
        var at = e.Message.IndexOf(Before, StringComparison.Ordinal);
        var path = e.Path ?? (at < 0 ? null : e.Message[(at + Before.Length)..].Split(" | ")[0].TrimEnd('.'));
        return path is { Length: > MaxPath } ? path[..MaxPath] + "..." : path;
    }

    private static ArgumentException BothSet() => new("Delay and DueAt are both set; set one of them.", "options");

    private static TimeSpan NotNegative(TimeSpan delay) => delay >= TimeSpan.Zero ? delay : throw new ArgumentOutOfRangeException(
        "options", delay, "Delay is negative; it takes zero or more. For a time in the past leave it out: the job is due at once.");

    private static IReadOnlyList<string> Tags(IReadOnlyList<string>? tags)
    {
        if (tags is not { Count: > 0 })
        {
            return [];
        }

        if (tags.Count > MaxTags)
        {
            throw new ArgumentException($"The job has {tags.Count} tags; at most {MaxTags} are allowed.", nameof(tags));
        }

        return [.. tags.Select(static t => Text(t, "Tags", MaxTag))];
    }

    private static string Text(string text, string what, int max)
    {
        if (text is not { Length: > 0 } || text.Length > max || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"{what} is '{StoredText.Shown(text, max)}' ({text?.Length ?? 0:N0} {(text?.Length == 1 ? "character" : "characters")}); "
                + $"it takes 1 to {max} characters without NUL.", what);
        }

        if (!StoredText.IsWhole(text))
        {
            throw new ArgumentException(
                $"{what} is '{StoredText.Shown(text)}', which {StoredText.NotWhole}. Cut texts at whole characters.", what);
        }

        return text;
    }

    // Its first members, whole: those that came last to the trace.
    private static string? TraceState(string? state) => StoredText.Shown(
        state is null or { Length: <= MaxTraceState }
            ? state
            : state.LastIndexOf(',', MaxTraceState) is > 0 and var end
            ? state[..end]
            : null);

    private static int InRange(int value, string what, int least, int most) => value >= least && value <= most
        ? value
        : throw new ArgumentOutOfRangeException(what, value, $"{what} is {value:N0}; it takes {least:N0} to {most:N0}.");

    private static TimeSpan TimeLimit(TimeSpan limit) => JobOptionsCheck.WhyNoTimeLimit(limit) is { } why
        ? throw new ArgumentOutOfRangeException(nameof(limit), limit, $"TimeLimit is {limit}; {why}")
        : JobOptionsCheck.TimeLimit(limit);

    private static TimeSpan MoreThanZero(TimeSpan value, string what) => value > TimeSpan.Zero
        ? value
        : throw new ArgumentOutOfRangeException(what, value, $"{what} is {value}; it takes more than zero. For never leave it out.");
}
