using Simmer.Context;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Enqueue;

/// <summary>Makes a draft of a chain, a group or a workflow. What is wrong with it is refused here, before anything is stored.</summary>
internal sealed class WorkflowFactory(EngineContext context, DraftFactory drafts)
{
    private const int MaxName = 200;

    public WorkflowDraft Make(WorkflowElement element, WorkflowOptions? options)
    {
        ArgumentNullException.ThrowIfNull(element);
        var name = options?.Name ?? (element as Workflow)?.Name;
        if (name is { Length: 0 or > MaxName } || name?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw new ArgumentException(
                $"The workflow's name has {name.Length} {(name.Length == 1 ? "character, a NUL" : "characters")}; it takes 1 to "
                + $"{MaxName} without NUL.", nameof(options));
        }

        if (name is not null && !StoredText.IsWhole(name))
        {
            throw new ArgumentException(
                $"The workflow's name is '{StoredText.Shown(name)}', which {StoredText.NotWhole}. Cut texts at whole characters.",
                nameof(options));
        }

        var graph = new GraphBuilder(context.Catalog.Of);
        _ = element.AddTo(graph, Entry.Nothing, string.Empty);
        graph.Finish();
        new InputCheck(graph.Nodes).Check();

        var id = options?.Id is { } given && given.Value != Guid.Empty ? given : WorkflowId.Next(context.Now);
        var steps = Steps(id, graph.Nodes);
        RefuseTwoStores(steps);
        return new WorkflowDraft
        {
            Id = id,
            IdGiven = options?.Id is not null,
            Name = name,
            Steps = steps,
            Gates = [.. graph.Gates.Select(static g => new GateDraft(g.Number, g.Pending, g.Next.ToLinks()))],
            Pending = graph.EndPending,
            KeepSucceeded = Keep(steps, static q => q.KeepSucceeded),
            KeepFailed = Keep(steps, static q => q.KeepFailed),
        };
    }

    private List<JobDraft> Steps(WorkflowId id, IReadOnlyList<Node> nodes)
    {
        var steps = new List<JobDraft>(nodes.Count);
        foreach (var node in nodes)
        {
            var step = new StepDraft
            {
                Workflow = id,
                Number = node.Number,
                Name = node.Name,
                Rule = node.Entry.Rule,
                Role = node.Role,
                Pending = node.Pending,
                Delay = DraftFactory.DelayOf(node.Options),
                NotBefore = node.Options?.DueAt,
                Parents = node.Parents,
                ParentsThroughEmpty = node.ParentsThroughEmpty,
                EmptyKinds = [.. node.Entry.Resolved.EmptyOf.Select(context.Catalog.KindGiving).OfType<string>().Distinct()],
                Next = node.Next.ToLinks(),
            };
            var job = drafts.Make(node.Job, node.Options, node.Kind, step);
            if (job.Route!.IsDurable)
            {
                _ = step.Write();
            }

            steps.Add(job);
        }

        return steps;
    }

    private static void RefuseTwoStores(List<JobDraft> steps)
    {
        foreach (var step in steps)
        {
            if (step.Route!.IsDurable != steps[0].Route!.IsDurable)
            {
                var (durable, memory) = step.Route.IsDurable ? (step, steps[0]) : (steps[0], step);
                throw new ArgumentException(
                    $"Step '{durable.Step!.Name}' goes to queue '{durable.Queue}', which is durable, and step '{memory.Step!.Name}' to "
                        + $"queue '{memory.Queue}', which is in memory. " +
                    "All steps of a workflow live in one store: use durable queues for all of them, or queues in memory.", "workflow");
            }
        }
    }

    /// <summary>How long a workflow is kept: the longest of what the queues of its steps ask for, and in any case the least time that
    /// results are kept for those who wait.</summary>
    private TimeSpan Keep(List<JobDraft> steps, Func<QueueOptions, TimeSpan> keep)
    {
        var longest = Retention.LeastForResults;
        foreach (var (route, _) in DraftRoutes.Of(steps))
        {
            var wanted = keep(route.LocalOptions ?? context.Options.Queues[route.Queue]);
            longest = wanted > longest ? wanted : longest;
        }

        return steps.Count > 0 ? Retention.In(steps[0].Route!.IsDurable, longest) : longest;
    }
}
