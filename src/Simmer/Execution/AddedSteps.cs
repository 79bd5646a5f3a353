using Simmer.Enqueue;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Execution;

/// <summary>The steps that a running step adds to its workflow. They are numbered from 1; the store, which stores them when the running
/// step succeeds, knows which numbers are free and renumbers them.</summary>
internal sealed class AddedSteps(RunParts parts, StepDraft adder) : IAddedSteps
{
    private readonly List<Step> _steps = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public TStep Add<TStep>(Func<string, object, TStep> make, string? name, IJob job, EnqueueOptions? options)
        where TStep : Step
    {
        ArgumentNullException.ThrowIfNull(job);
        if (_steps.Count == WorkflowId.MaxSteps)
        {
            throw new InvalidOperationException(
                $"Step '{adder.Name}' adds more than {WorkflowId.MaxSteps:N0} steps. Let the steps work on larger shares.");
        }

        var kind = parts.Context.Catalog.Of(job);
        var own = name ?? FreeName(kind.Name);
        StepNames.Check(own);
        if (!_names.Add(own))
        {
            throw new ArgumentException($"Step '{adder.Name}' adds two steps named '{own}'; give each its own name.", nameof(name));
        }

        var step = make($"{adder.Name}/{own}", new JobElement(name, job, null, options));
        _steps.Add(step);
        return step;
    }

    private string FreeName(string kind)
    {
        var number = _steps.Count + 1;
        while (_names.Contains($"{kind}-{number}"))
        {
            number++;
        }

        return $"{kind}-{number}";
    }

    /// <summary>The steps as they go to the store, with links among each other only. Throws for steps that cannot be stored.</summary>
    public IReadOnlyList<JobDraft> ToDrafts()
    {
        _ = StepOrder.ParentsFirst(_steps);
        var numberOf = new Dictionary<Step, int>(_steps.Count);
        foreach (var step in _steps)
        {
            numberOf.Add(step, numberOf.Count + 1);
        }

        var next = _steps.ConvertAll(static _ => new LinkBuilder());
        foreach (var step in _steps)
        {
            foreach (var (parent, labels) in step.Parents)
            {
                next[numberOf[parent] - 1].Add(numberOf[step], StepLinkKind.Normal, labels);
            }
        }

        return _steps.ConvertAll(step => Draft(step, numberOf, next[numberOf[step] - 1].ToLinks()));
    }

    private JobDraft Draft(Step step, Dictionary<Step, int> numberOf, IReadOnlyList<StepLink> next)
    {
        var element = (JobElement)step.Element;
        var draft = parts.Drafts.Make(element.Job, element.Options, parts.Context.Catalog.Of(element.Job), new StepDraft
        {
            Workflow = adder.Workflow,
            Number = numberOf[step],
            Name = step.Name,
            Rule = step.StepRule,
            Pending = step.Parents.Count,
            Delay = DraftFactory.DelayOf(element.Options),
            NotBefore = element.Options?.DueAt,

            // 0 stands for the step that adds them.
            Parents = step.Parents.Count == 0 ? StepNumbers.Of(0) : StepNumbers.Of(step.Parents.Select(p => numberOf[p.Parent])),
            Next = next,
        });
        return draft.Route!.IsDurable == parts.Store.IsDurable ? draft : throw new InvalidOperationException(
            $"Step '{adder.Name}' adds '{step.Name}', which goes to queue '{draft.Queue}': that is "
                + $"{(draft.Route.IsDurable ? "durable" : "in memory")}, and the workflow is not. All steps of a workflow live in one "
                + "store.");
    }
}
