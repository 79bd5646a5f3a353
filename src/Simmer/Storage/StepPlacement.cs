using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Gives the steps that a running step added their place in its workflow. What every store does alike.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public static class StepPlacement
{
    /// <summary>The links of an added step in addition to those among the added steps: to the children of the step that added it, as far as
    /// these wait for it at all. If none does, to the end of the workflow.</summary>
    /// <param name="adder">The step that succeeded.</param>
    /// <param name="branch">The branch it returned.</param>
    /// <returns>The links.</returns>
    public static IReadOnlyList<StepLink> Inherited(StepDraft adder, string? branch)
    {
        ArgumentNullException.ThrowIfNull(adder);
        IReadOnlyList<StepLink> inherited =
            [.. adder.Next.Where(l => l.Kind != StepLinkKind.Target && StepTally.Counts(l, branch))
                .Select(static l => l with { Labels = [] })];

        // The branch may have left out all children. The workflow must not end before the added steps.
        return inherited.Count > 0 ? inherited : [new StepLink(StepNumbers.Of(0), StepLinkKind.Normal, [])];
    }

    /// <summary>Numbers added steps.</summary>
    /// <param name="added">The steps, as <see cref="Settlement.Added"/> has them.</param>
    /// <param name="adder">The step that added them.</param>
    /// <param name="first">The number of the first of them.</param>
    /// <param name="inherited">Their <see cref="Inherited"/> links.</param>
    /// <returns>The jobs with their final ids and steps.</returns>
    public static IReadOnlyList<JobDraft> Place(IReadOnlyList<JobDraft> added, StepDraft adder, int first,
        IReadOnlyList<StepLink> inherited)
    {
        ArgumentNullException.ThrowIfNull(added);
        ArgumentNullException.ThrowIfNull(adder);
        ArgumentNullException.ThrowIfNull(inherited);
        var shift = first - 1;
        var placed = new JobDraft[added.Count];
        for (var i = 0; i < placed.Length; i++)
        {
            var step = added[i].Step ?? throw new ArgumentException($"Job {added[i].Id} is no step.", nameof(added));
            var number = step.Number + shift;
            placed[i] = added[i].As(adder.Workflow.Step(number), new StepDraft
            {
                Workflow = adder.Workflow,
                Number = number,
                Name = step.Name,
                Rule = step.Rule,
                Role = StepRole.Step,
                Pending = step.Pending,
                Delay = step.Delay,
                NotBefore = step.NotBefore,
                Parents = StepNumbers.Of(step.Parents.Select(p => p == 0 ? adder.Number : p + shift)),
                Next = [.. step.Next.Select(l => l with { To = StepNumbers.Of(l.To.Select(n => n + shift)) }), .. inherited],
            });
        }

        return placed;
    }
}
