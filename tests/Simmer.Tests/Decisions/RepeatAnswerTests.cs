using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee: what a repeat is answered.</summary>
public sealed class RepeatAnswerTests
{
    private static readonly WorkerId s_me = new(7);
    private static readonly JobId s_other = new(new Guid("01890000-0000-7000-8000-000000000009"));

    /// <summary>The settlement is of run 3 by worker 7. Owner 0: nobody runs it.</summary>
    [Theory]
    [InlineData(JobState.Unknown, 0, 0, true, true, JobState.Succeeded)]
    [InlineData(JobState.Failed, 0, 0, true, true, JobState.Failed)]
    [InlineData(JobState.Scheduled, 3, 0, true, true, JobState.Scheduled)]
    [InlineData(JobState.Running, 4, 7, true, true, JobState.Running)]
    [InlineData(JobState.Running, 4, 8, true, true, JobState.Running)]
    [InlineData(JobState.Running, 3, 8, true, true, JobState.Running)]
    [InlineData(JobState.Running, 3, 7, true, false, JobState.Running)]
    [InlineData(JobState.Unknown, 0, 0, false, true, JobState.Succeeded)]
    [InlineData(JobState.Ready, 3, 0, false, true, JobState.Ready)]
    public void A_repeated_settlement_was_carried_out_unless_the_lease_still_holds(JobState state, int run, int owner, bool isAlive,
        bool settled, JobState answer)
    {
        var found = new FoundJob(state, run, new WorkerId(owner));
        var worker = isAlive ? s_me : default;
        RepeatAnswer.ToSettlement(Given.Settlement(JobState.Succeeded), found, worker).ShouldBe(new SettleReport(settled, answer));
        RepeatAnswer.WasRefused(Given.Token, found, worker).ShouldBe(!settled);
    }

    [Fact]
    public void A_worker_that_is_gone_holds_nothing()
    {
        new FoundJob(JobState.Running, 3, s_me).IsHeldBy(default, 3).ShouldBeFalse();
        new FoundJob(JobState.Ready, 3).IsHeldBy(default, 3).ShouldBeFalse("nobody is not nobody's lease");
    }

    [Fact]
    public void What_was_refused_before_is_named() => RepeatAnswer.RefusedBefore(Given.Token).Token.ShouldBe(Given.Token);

    /// <summary>Found: the state, run and owner of what has the id.</summary>
    [Theory]
    [InlineData(true, JobState.Running, 1, 7, true, EnqueueStatus.Dispatched)]
    [InlineData(true, JobState.Running, 2, 7, true, EnqueueStatus.Stored)]
    [InlineData(true, JobState.Running, 1, 8, true, EnqueueStatus.Stored)]
    [InlineData(true, JobState.Running, 1, 7, false, EnqueueStatus.Stored)]
    [InlineData(false, JobState.Running, 1, 7, true, EnqueueStatus.Stored)]
    [InlineData(true, JobState.Ready, 0, 0, true, EnqueueStatus.Stored)]
    [InlineData(true, JobState.Ready, 1, 0, false, EnqueueStatus.Stored)]
    [InlineData(true, JobState.Succeeded, 0, 0, true, EnqueueStatus.Stored)]
    public void A_repeated_enqueue_is_there_and_was_dispatched_if_its_first_run_is_the_worker_s(bool dispatch, JobState state, int run,
        int owner, bool isAlive, EnqueueStatus expected)
    {
        var job = Given.Job();
        RepeatAnswer.ToEnqueue(new EnqueueRequest(job, dispatch), null, new FoundJob(state, run, new WorkerId(owner)),
            (s_other, JobState.Ready), isAlive ? s_me : default).ShouldBe(new EnqueueReport(expected, job.Id, state));
    }

    [Fact]
    public void A_repeated_enqueue_of_which_there_is_no_trace_met_its_key_or_has_ended()
    {
        var job = Given.Job(uniqueKey: "one");
        RepeatAnswer.ToEnqueue(new EnqueueRequest(job, true), null, default, (s_other, JobState.Running), s_me)
            .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, s_other, JobState.Running));
        RepeatAnswer.ToEnqueue(new EnqueueRequest(job, true), null, default, null, s_me)
            .ShouldBe(new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Unknown));
    }

    [Fact]
    public void A_repeated_enqueue_whose_id_belongs_to_something_else_is_refused_again()
    {
        var job = Given.Job(id: s_other);
        var found = new FoundJob(JobState.Running, 1, s_me);
        var answer = RepeatAnswer.ToEnqueue(new EnqueueRequest(job, true), "taken", found, null, s_me);
        (answer.Status, answer.Id, answer.State, answer.Error!.Message)
            .ShouldBe((EnqueueStatus.Refused, job.Id, JobState.Unknown, "taken"));
    }

    [Theory]
    [InlineData(false, "greet", false, false, EnqueueStatus.Duplicate, false)]
    [InlineData(false, "other", false, true, EnqueueStatus.Duplicate, false)]
    [InlineData(true, "greet", false, false, EnqueueStatus.Duplicate, false)]
    [InlineData(true, "greet", false, true, EnqueueStatus.Duplicate, true)]
    [InlineData(true, "other", false, false, EnqueueStatus.Refused, false)]
    [InlineData(true, "greet", true, false, EnqueueStatus.Refused, false)]
    public void An_id_is_one_job_s_and_a_chosen_one_of_another_kind_is_refused(bool isGiven, string kind, bool isStep, bool differs,
        EnqueueStatus expected, bool hasOtherPayload)
    {
        var job = isGiven ? Given.Job(id: s_other) : Given.Job();
        var answer = RepeatAnswer.ToTakenId(job, kind, isStep, JobState.Scheduled, differs);
        answer.Status.ShouldBe(expected);
        answer.HasOtherPayload.ShouldBe(hasOtherPayload);
        answer.State.ShouldBe(expected == EnqueueStatus.Refused ? JobState.Unknown : JobState.Scheduled);
    }

    [Fact]
    public void A_key_that_is_held_is_answered_with_its_holder() => RepeatAnswer.ToHeldKey(s_other, JobState.Running)
        .ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, s_other, JobState.Running));

    [Theory]
    [InlineData(null, false, false, EnqueueStatus.Stored, WorkflowState.Running)]
    [InlineData(WorkflowState.Failed, false, false, EnqueueStatus.Duplicate, WorkflowState.Failed)]
    [InlineData(WorkflowState.Running, true, true, EnqueueStatus.Duplicate, WorkflowState.Running)]
    [InlineData(null, true, false, EnqueueStatus.Refused, WorkflowState.Unknown)]
    [InlineData(null, false, true, EnqueueStatus.Refused, WorkflowState.Unknown)]
    public void A_workflow_is_stored_whole_or_is_there_or_is_refused(WorkflowState? present, bool isBad, bool isTaken,
        EnqueueStatus expected, WorkflowState state)
    {
        var job = isBad ? Given.Job(kind: "", step: Given.Step()) : Given.Job(step: Given.Step());
        var workflow = new WorkflowDraft { Id = Given.Workflow, Steps = [job], Pending = 1 };
        var answer = RepeatAnswer.ToWorkflow(workflow, present, isTaken ? (Given.Workflow.Step(1), "other") : null);
        (answer.Status, answer.Id, answer.State).ShouldBe((expected, Given.Workflow, state));
        (answer.Error is not null).ShouldBe(expected == EnqueueStatus.Refused);
    }

    [Theory]
    [InlineData(false, EnqueueStatus.Stored)]
    [InlineData(true, EnqueueStatus.Duplicate)]
    public void A_repeated_workflow_is_told_as_what_it_was(bool wasDuplicate, EnqueueStatus expected) => RepeatAnswer
        .ToRepeatedWorkflow(new WorkflowDraft { Id = Given.Workflow, Steps = [], Pending = 1 }, wasDuplicate, WorkflowState.Cancelled)
        .ShouldBe(new WorkflowReport(expected, Given.Workflow, WorkflowState.Cancelled));
}
