using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Workflows;

/// <summary>Finds the results of earlier steps for a running step: by their type, from the nearest steps before it that give one, or by the
/// name of the step.</summary>
internal sealed class StepResults(IJobBrowser browser, JobCatalog catalog, StepDraft self, CancellationToken cancellationToken)
    : IStepResults
{
    /// <summary>How many steps are read from the store at once.</summary>
    private const int Chunk = 1_000;

    private readonly Dictionary<int, StepSnapshot> _known = [];

    public async ValueTask<object> TakeAsync(StepInput input)
    {
        var givers = await NearestAsync(input);
        if (input.IsList)
        {
            return input.Result.ListOf(await ResultsOfAsync(givers, input));
        }

        return givers switch
        {
            [var one] => ResultOf(one, input),
            [] => throw new StepResultException($"Step '{self.Name}' takes {input}, which no step before it gives."),
            _ => throw new StepResultException(
                $"Step '{self.Name}' takes {input}, and '{givers[0].Step.Name}' and '{givers[1].Step.Name}' give one at the same "
                + "distance. Ask for it by the step's name."),
        };
    }

    /// <summary>The result of the step of a name; null if there is no such step, or if it gave no result.</summary>
    public async ValueTask<object?> NamedAsync(StepInput input, string name, bool required)
    {
        // The names stand in the rows only, so all steps are read.
        var all = await browser.StepsAsync(self.Workflow, null, cancellationToken);
        var step = all.FirstOrDefault(s => s.Step.Name == name);
        if (step is null)
        {
            throw new StepResultException(
                $"Step '{self.Name}' asks for the result of '{StoreRules.Cut(name, StoreRules.LongestShown)}', which is no step of its "
                    + $"workflow{(Names.Nearest(name, all.Select(static s => s.Step.Name)) is { } near
                        ? $"; did you mean '{near}'?"
                        : ".")}");
        }

        if (!input.IsGivenBy(KindOf(step)))
        {
            throw new StepResultException(
                $"Step '{self.Name}' asks '{name}' for {input}, but that gives "
                + $"{(KindOf(step)?.Result is { } other ? TypeNames.An(other.Type) : "no result")}.");
        }

        return step.Job.State == JobState.Succeeded || required ? ResultOf(step, input) : null;
    }

    private async ValueTask<List<StepSnapshot>> NearestAsync(StepInput input)
    {
        var seen = new HashSet<int>();
        var isEmpty = input.IsList && self.EmptyKinds.Any(k => input.IsGivenBy(catalog.Find(k)));

        // A group without members gives an empty list of its type, which hides the results of that type before the group.
        var level = self.Parents.Take(self.Parents.Count - (isEmpty ? self.ParentsThroughEmpty : 0)).Where(seen.Add).ToList();
        while (level.Count > 0)
        {
            var steps = await StepsAsync(level);
            var givers = new List<StepSnapshot>();
            foreach (var step in steps)
            {
                // A step that adds steps at run time counts if they give this type. If they give another one, the search goes on before it.
                if (input.IsGivenBy(KindOf(step)) || input.MayBeAddedBy(KindOf(step))
                    || (input.IsList && await IsGivenByAddedAsync(step, input)))
                {
                    givers.Add(step);
                }
            }

            if (givers.Count > 0 || isEmpty)
            {
                return givers;
            }

            level = [.. steps.SelectMany(static s => s.Step.Parents).Where(seen.Add)];
        }

        return [];
    }

    /// <summary>The results in order: of each step first its own, then those of the steps that it added.</summary>
    private async ValueTask<List<object?>> ResultsOfAsync(List<StepSnapshot> givers, StepInput input)
    {
        var results = new List<object?>(givers.Count);
        foreach (var giver in givers)
        {
            if (input.IsGivenBy(KindOf(giver)) && giver.Job.State == JobState.Succeeded)
            {
                results.Add(Parse(giver));
            }

            results.AddRange(await ResultsOfAsync(await AddedByAsync(giver), input));
        }

        return results;
    }

    private async ValueTask<bool> IsGivenByAddedAsync(StepSnapshot adder, StepInput input)
    {
        foreach (var added in await AddedByAsync(adder))
        {
            if (input.IsGivenBy(KindOf(added)) || await IsGivenByAddedAsync(added, input))
            {
                return true;
            }
        }

        return false;
    }

    private async ValueTask<List<StepSnapshot>> AddedByAsync(StepSnapshot adder) =>
        adder.Added == 0 ? [] : await StepsAsync([.. Enumerable.Range(adder.FirstAdded, adder.Added)]);

    private object ResultOf(StepSnapshot step, StepInput input) => step.Job.State == JobState.Succeeded
        ? Parse(step)
            ?? throw new StepResultException($"Step '{self.Name}' takes {input} from step '{step.Step.Name}', whose result is null.")
        : throw new StepResultException(
            $"Step '{self.Name}' takes {input} from step '{step.Step.Name}', which is {step.Job.State} and gave none. Where that may "
                + "happen, ask for it with context.ResultOrDefaultAsync.");

    private object? Parse(StepSnapshot step)
    {
        try
        {
            return KindOf(step)!.Result!.ParseAny(step.Job);
        }
        catch (UnreadableResultException e)
        {
            throw new StepResultUnreadableException(self, step, e);
        }
    }

    private JobKind? KindOf(StepSnapshot step) => catalog.Find(step.Job.Kind);

    private async ValueTask<List<StepSnapshot>> StepsAsync(List<int> numbers)
    {
        foreach (var chunk in numbers.Where(n => !_known.ContainsKey(n)).Chunk(Chunk))
        {
            foreach (var step in await browser.StepsAsync(self.Workflow, chunk, cancellationToken))
            {
                _known[step.Step.Number] = step;
            }
        }

        return [.. numbers.Select(_known.GetValueOrDefault).OfType<StepSnapshot>()];
    }
}

/// <summary>A result that a step takes does not exist. A further attempt would not find it either, so the step fails at once.</summary>
internal sealed class StepResultException(string message) : InvalidOperationException(message);

/// <summary>A stored result does not fit the type that a step takes. The step waits for an application that can read it.</summary>
internal sealed class StepResultUnreadableException(StepDraft taker, StepSnapshot giver, UnreadableResultException inner)
    : InvalidOperationException($"Step '{taker.Name}' takes what step '{giver.Step.Name}' gave. {inner.Message}", inner);

/// <summary>The store could not be asked for the results that a step takes. Its handler has not been called.</summary>
internal sealed class StepInputsAwayException(StoreException inner)
    : Exception($"The results of the steps before it cannot be read at present: {inner.Message}", inner);
