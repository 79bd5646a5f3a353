namespace Simmer.Tests.Jobs;

public sealed class JobTransitionsTests
{
    /// <summary>The design's diagram, one line a state.</summary>
    public static TheoryData<JobState, JobState[]> Legal => new()
    {
        { JobState.Unknown, [JobState.Waiting, JobState.Scheduled, JobState.Ready, JobState.Running] },
        { JobState.Waiting, [JobState.Scheduled, JobState.Ready, JobState.Skipped, JobState.Cancelled] },
        { JobState.Scheduled, [JobState.Ready, JobState.Cancelled] },
        { JobState.Ready, [JobState.Running, JobState.Cancelled] },
        { JobState.Running, [JobState.Succeeded, JobState.Failed, JobState.Cancelled, JobState.Scheduled, JobState.Ready] },
        { JobState.Succeeded, [] },
        { JobState.Failed, [JobState.Ready, JobState.Waiting] },
        { JobState.Cancelled, [JobState.Ready, JobState.Waiting] },
        { JobState.Skipped, [JobState.Waiting] },
    };

    [Theory]
    [MemberData(nameof(Legal))]
    public void Only_the_moves_of_the_diagram_are_legal(JobState from, JobState[] legal)
    {
        Enum.GetValues<JobState>().Where(to => JobTransitions.IsLegal(from, to)).ShouldBe(legal, ignoreOrder: true);
        JobTransitions.From(from).ShouldBe(legal, ignoreOrder: true);
    }

    [Fact]
    public void Every_unfinished_state_may_be_cancelled_and_no_finished_one()
    {
        foreach (var state in Enum.GetValues<JobState>().Where(static s => s != JobState.Unknown))
        {
            JobTransitions.IsLegal(state, JobState.Cancelled).ShouldBe(!state.IsFinal(), state.ToString());
        }
    }

    [Fact]
    public void Only_failed_and_cancelled_jobs_may_be_retried() =>
        Enum.GetValues<JobState>().Where(static s => s.CanRetry()).ShouldBe([JobState.Failed, JobState.Cancelled]);

    [Fact]
    public void A_state_that_nobody_knows_goes_nowhere()
    {
        JobTransitions.IsLegal((JobState)99, JobState.Ready).ShouldBeFalse();
        JobTransitions.From((JobState)99).ShouldBeEmpty();
    }
}
