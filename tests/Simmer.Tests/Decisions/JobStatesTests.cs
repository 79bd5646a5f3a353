using System.Globalization;
using Simmer.Storage;

namespace Simmer.Tests.Decisions;

/// <summary>The numbers in SQL are those of the states, and the sets are what the legal moves make them.</summary>
public sealed class JobStatesTests
{
    private static readonly JobState[] s_stored = [.. Enum.GetValues<JobState>().Where(static s => s != JobState.Unknown)];

    [Fact]
    public void Every_state_has_its_number()
    {
        string[] numbers = [JobStates.Waiting, JobStates.Scheduled, JobStates.Ready, JobStates.Running, JobStates.Succeeded,
            JobStates.Failed, JobStates.Cancelled, JobStates.Skipped];
        numbers.ShouldBe(s_stored.Select(static s => ((int)s).ToString(CultureInfo.InvariantCulture)));
        numbers.ShouldNotContain(JobStates.ReadySuspect);
        JobStates.ReadySuspectNumber.ToString(CultureInfo.InvariantCulture).ShouldBe(JobStates.ReadySuspect);
    }

    [Fact]
    public void Every_state_of_a_workflow_has_its_number()
    {
        string[] numbers = [WorkflowStates.Running, WorkflowStates.Succeeded, WorkflowStates.Failed, WorkflowStates.Cancelled];
        numbers.ShouldBe(Enum.GetValues<WorkflowState>().Where(static s => s != WorkflowState.Unknown)
            .Select(static s => ((int)s).ToString(CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_sets_are_what_the_legal_moves_make_them()
    {
        JobStates.Claimable.ShouldBe(Set(static s => JobTransitions.IsLegal(s, JobState.Running)));
        JobStates.Retryable.ShouldBe(Set(static s => s.IsFinal() && JobTransitions.IsLegal(s, JobState.Ready)));
        JobStates.NotStarted.ShouldBe(Set(static s => s != JobState.Running && JobTransitions.IsLegal(s, JobState.Cancelled)));
        JobStates.Unfinished.ShouldBe(Set(static s => JobTransitions.IsLegal(s, JobState.Cancelled)));
        JobStates.Final.ShouldBe(Set(static s => s.IsFinal()));
        JobStates.Expirable.ShouldBe(Set(static s => s is JobState.Scheduled or JobState.Ready));
    }

    [Fact]
    public void A_ready_suspect_has_a_number_of_its_own_and_is_ready_to_everybody_else()
    {
        foreach (var state in s_stored)
        {
            JobStates.Stored(state, 0).ShouldBe((int)state);
            JobStates.Stored(state, 2).ShouldBe(state == JobState.Ready ? 9 : (int)state);
            JobStates.Of(JobStates.Stored(state, 0)).ShouldBe(state);
            JobStates.Of(JobStates.Stored(state, 2)).ShouldBe(state);
        }
    }

    /// <summary>The states for which something holds, as SQL lists them: by number, the ready suspects last.</summary>
    private static string Set(Func<JobState, bool> holds)
    {
        var numbers = s_stored.Where(holds).Select(static s => (int)s).ToList();
        numbers.AddRange(holds(JobState.Ready) ? [JobStates.ReadySuspectNumber] : []);
        return $"({string.Join(", ", numbers)})";
    }
}
