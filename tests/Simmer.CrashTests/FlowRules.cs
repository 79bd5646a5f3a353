namespace Simmer.CrashTests;

/// <summary>Evaluates the rules of a workflow by a plain reading of its graph, and compares them with what became of its steps and what
/// their handlers did.</summary>
/// <param name="effects">When each job first began and when it was last done, on one scale for all processes; a job that is not in it did
/// nothing.</param>
/// <param name="story">How to repeat it.</param>
internal sealed class FlowRules(IReadOnlyDictionary<JobId, (long Started, long Done)> effects, string story)
{
    /// <summary>Looks at all the steps of a workflow that has ended.</summary>
    public void MustBeObeyed(IEnumerable<FlowStep> flow)
    {
        var steps = flow.OrderBy(static r => r.Step.Number).ToList();
        var wrong = steps.Exists(static r => r.IsOrdinary && r.WentWrong);
        foreach (var step in steps)
        {
            var parents = Before(steps, step).ToList();
            var runs = step.Step.Role switch
            {
                StepRole.Undo => wrong && parents[0].State == JobState.Succeeded,
                StepRole.OnFailure => wrong,
                StepRole.Finally => true,
                _ => parents.TrueForAll(static p => p.State == JobState.Succeeded),
            };
            var which = $"'{step.Step.Name}' of {step.Step.Workflow}, which is {step.State}; {story}";
            (step.State != JobState.Skipped).ShouldBe(runs, which);
            effects.ContainsKey(step.Id).ShouldBe(runs, $"whether it did anything: {which}");
            if (runs)
            {
                foreach (var before in MustHaveEnded(steps, step, parents))
                {
                    effects[before.Id].Done.ShouldBeLessThan(effects[step.Id].Started,
                        $"began before '{before.Step.Name}' had ended: {which}");
                }
            }
        }
    }

    // Undo, OnFailure and Finally steps come after everything that ran, one after another.
    private static IEnumerable<FlowStep> MustHaveEnded(List<FlowStep> steps, FlowStep step, List<FlowStep> parents) =>
        step.Step.Role == StepRole.Step
        ? parents
        : steps.Where(r => r.State != JobState.Skipped && (r.IsOrdinary || r.Step.Number < step.Step.Number));

    /// <summary>The steps directly before it, with those that they added.</summary>
    private static IEnumerable<FlowStep> Before(List<FlowStep> steps, FlowStep step) =>
        step.Step.Parents.Select(n => steps[n - 1])
            .SelectMany(p => p.Step.Number == AdderOf(steps, step) ? [p] : steps.Skip(p.FirstAdded - 1).Take(p.Added).Prepend(p));

    private static int AdderOf(List<FlowStep> steps, FlowStep step) =>
        steps.Find(r => r.Added > 0 && step.Step.Number >= r.FirstAdded && step.Step.Number < r.FirstAdded + r.Added)?.Step.Number ?? 0;
}
