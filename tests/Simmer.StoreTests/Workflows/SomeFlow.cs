using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.StoreTests.Workflows;

/// <summary>Workflows as they come to a store. The graph is drawn by the real builder.</summary>
internal static class SomeFlow
{
    public static readonly TimeSpan KeepSucceeded = TimeSpan.FromHours(1);
    public static readonly TimeSpan KeepFailed = TimeSpan.FromHours(3);

    private static readonly JobKind s_kind = new()
    {
        Name = Some.Kind,
        Type = typeof(Letter),
        Queue = Some.Queue,
        MaxAttempts = 3,
        TimeLimit = TimeSpan.FromMinutes(1),
        Priority = 0,
        Retry = RetryPolicy.Default,
        Write = static _ => default,
        Read = static _ => new Letter(),
    };

    public static WorkflowId Id() => WorkflowId.OfStep(Some.Id());

    /// <summary>Steps by lines such as <c>c after a b=left on AllDone undone</c>; <c>on-failure</c> and <c>finally</c> are lines as
    /// well.</summary>
    public static WorkflowDraft Of(params string[] lines) => Draft(Parse(lines));

    public static Workflow Parse(params IEnumerable<string> lines)
    {
        var flow = new Workflow();
        var steps = new Dictionary<string, Step>();
        foreach (var line in lines)
        {
            Add(flow, steps, line.Split(' '));
        }

        return flow;
    }

    public static WorkflowDraft Draft(WorkflowElement element, WorkflowId? id = null, string? name = null, TimeSpan? keepSucceeded = null,
        TimeSpan? keepFailed = null)
    {
        var graph = new GraphBuilder(static _ => s_kind);
        _ = element.AddTo(graph, Entry.Nothing, string.Empty);
        graph.Finish();
        var flow = id ?? Id();
        return new WorkflowDraft
        {
            Id = flow,
            IdGiven = true,
            Name = name,
            Steps = [.. graph.Nodes.Select(node => Draft(flow, node))],
            Gates = [.. graph.Gates.Select(g => new GateDraft(g.Number, g.Pending, g.Next.ToLinks()))],
            Pending = graph.EndPending,
            KeepSucceeded = keepSucceeded ?? KeepSucceeded,
            KeepFailed = keepFailed ?? KeepFailed,
        };
    }

    /// <summary>Steps for <see cref="Settlement.Added"/>: those that come after nothing of the others come after the one that adds
    /// them.</summary>
    public static IReadOnlyList<JobDraft> Added(params string[] lines)
    {
        var draft = Of(lines);
        return [.. draft.Steps.Select(job => Job(job.Id, (Letter)job.Item!, new StepDraft
        {
            Workflow = draft.Id,
            Number = job.Step!.Number,
            Name = job.Step.Name,
            Rule = job.Step.Rule,
            Pending = job.Step.Pending,
            Delay = job.Step.Delay,
            Parents = job.Step.Parents.Count == 0 ? StepNumbers.Of(0) : job.Step.Parents,

            // Only the links among the added steps are given. The store adds those to the steps after the adding step.
            Next = [.. job.Step.Next.Where(l => l.To.All(n => n > 0))],
        }))];
    }

    private static void Add(Workflow flow, Dictionary<string, Step> steps, string[] words)
    {
        switch (words[0])
        {
            case "on-failure":
                _ = flow.OnFailure(new Letter());
                return;
            case "finally":
                _ = flow.Finally(new Letter());
                return;
        }

        var step = steps[words[0]] = flow.Add(words[0], new Letter(), words[^1] == "undone" ? new Letter() : null);
        for (var i = 1; i < words.Length; i++)
        {
            switch (words[i])
            {
                case "on":
                    _ = step.On(Enum.Parse<StepRule>(words[++i]));
                    break;
                case "after" or "undone":
                    break;
                case var parent when parent.Split('=') is [var name, var labels]:
                    _ = step.When(steps[name], labels.Split('|'));
                    break;
                default:
                    _ = step.After(steps[words[i]]);
                    break;
            }
        }
    }

    private static JobDraft Draft(WorkflowId flow, Node node)
    {
        var letter = (Letter)node.Job;
        return Job(flow.Step(node.Number), letter, new StepDraft
        {
            Workflow = flow,
            Number = node.Number,
            Name = node.Name,
            Rule = node.Entry.Rule,
            Role = node.Role,
            Pending = node.Pending,
            Delay = letter.Delay,
            NotBefore = letter.DueAt,
            Parents = node.Parents,
            ParentsThroughEmpty = node.ParentsThroughEmpty,
            Next = node.Next.ToLinks(),
        });
    }

    private static JobDraft Job(JobId id, Letter letter, StepDraft step) => new()
    {
        Id = id,
        Kind = letter.Kind,
        Queue = letter.Queue,
        Payload = "{}"u8.ToArray(),
        Item = letter,
        Priority = letter.Priority,
        ExpiresAt = letter.ExpiresAt,
        MaxAttempts = 3,
        Step = step,
    };
}
