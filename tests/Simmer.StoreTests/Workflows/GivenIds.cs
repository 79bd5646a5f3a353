using Simmer.Storage;

namespace Simmer.StoreTests.Workflows;

/// <summary>Ids that callers choose for jobs: those of steps are out of their reach, and one belongs to one job.</summary>
public abstract class GivenIds<TFactory> : WorkflowTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    public static TheoryData<string> NamedIds =>
        [.. new[] { 0, 1, 7, WorkflowId.MaxSteps, 0xFF_FFFF }.Select(static n => WorkflowId.For("order-1").Step(n).ToString())];

    [Theory]
    [MemberData(nameof(NamedIds))]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [Trait("Rule", "15")]
    public async Task An_id_of_the_form_of_named_workflows_or_none_at_all_is_refused_alone_and_with_its_call(string text)
    {
        var bad = Some.Draft(id: JobId.Parse(text));
        EnqueueRequest[] requests =
            [new(Some.Draft(), false), new(bad, false), new(Some.Draft(), true, 1), new(bad, true, 1),
                new(Some.Draft(id: Some.Id()), false)];

        var report = await Worker
            .FlushAsync(enqueues: requests, workflows: [SomeFlow.Draft(SomeFlow.Parse("a"), WorkflowId.For("order-1"))]);

        report.Enqueues.Select(static e => e.Status)
            .ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Enqueues[1].Error!.IsTransient.ShouldBeFalse();
        report.Workflows[0].Status.ShouldBe(EnqueueStatus.Stored, "the order is possible");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(WorkflowId.MaxSteps, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    public async Task The_id_of_a_step_that_is_there_or_may_come_is_refused_and_the_workflow_goes_on(int number, bool hasEnded)
    {
        await StoreAsync("a", "b after a");
        var a = await ClaimAsync("a");
        if (hasEnded)
        {
            await Worker.SettleAsync(End(a));
            await EndAsync("b");
        }

        var squatter = Some.Draft(id: Flow.Id.Step(number));
        EnqueueRequest[] requests = [new(squatter, true), new(Some.Draft(), false), new(Some.Draft(), false, 1), new(squatter, false, 1)];
        var report = await Worker.FlushAsync(enqueues: requests);

        report.Enqueues.Select(static e => e.Status)
            .ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Refused]);
        report.Enqueues[0].Error!.Message.ShouldContain($"belongs to workflow {Flow.Id}");
        (await FindAsync(requests[2].Job.Id)).ShouldBeNull("it came with the other");
        (await Worker.RepeatAsync()).Enqueues[0].Status.ShouldBe(EnqueueStatus.Refused, "after a lost answer as well");
        if (!hasEnded)
        {
            await Worker.SettleAsync(End(a, added: SomeFlow.Added("x")));
            await EndAllAsync("x", "b");
        }

        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_that_had_the_id_of_a_coming_step_before_fails_the_step_that_adds_it_and_nothing_else(bool hasEnded)
    {
        var id = SomeFlow.Id();
        var squatter = await SquatAsync(id.Step(4), hasEnded);
        await StoreAsync(SomeFlow.Draft(SomeFlow.Parse("a", "b"), id));
        var (a, b) = (await ClaimAsync("a"), await ClaimAsync("b"));
        await Worker.EnqueueAsync(Some.Draft(queue: "beside"));
        var plain = (await Worker.ClaimAsync(1, "beside")).ShouldHaveSingleItem();

        var report = await Worker.FlushAsync(
            settlements: [End(a, added: SomeFlow.Added("x", "y")), End(b, added: SomeFlow.Added("z")), Some.Settlement(plain.Token)],
                enqueues: [new(Some.Draft(), false)]);

        report.Settlements
            .ShouldBe([new SettleReport(true, JobState.Failed), new SettleReport(true, JobState.Succeeded),
            new SettleReport(true, JobState.Succeeded)]);
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        var reason = (await StepAsync("a")).Job.Reason!;
        reason.ShouldContain($"{squatter}");
        reason.ShouldContain($"a job of kind '{Some.Kind}'");
        (await StepAsync("z")).Job.Id.ShouldBe(id.Step(3));

        (await Store.DeleteAsync([squatter], Now, Token)).ShouldBe(1);
        (await RetryStepAsync("a")).Status.ShouldBe(RetryStatus.Retried);
        await EndAsync("a", added: SomeFlow.Added("x", "y"));
        await EndAllAsync("x", "y", "z");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_that_had_the_id_of_a_step_before_refuses_that_workflow_alone_and_says_so(bool hasEnded)
    {
        var id = SomeFlow.Id();
        var squatter = await SquatAsync(id.Step(2), hasEnded);
        var (taken, free) = (SomeFlow.Draft(SomeFlow.Parse("a", "b after a"), id), SomeFlow.Draft(SomeFlow.Parse("a"), SomeFlow.Id()));

        var report = await Worker.FlushAsync(enqueues: [new(Some.Draft(), false)], workflows: [taken, free]);

        report.Workflows.Select(static w => w.Status).ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Workflows[0].Error!.Message.ShouldContain($"its step 2 would have the id {squatter}");
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        (await FindAsync(taken.Steps[0].Id)).ShouldBeNull();

        (await Store.DeleteAsync([squatter], Now, Token)).ShouldBe(1);
        (await Worker.EnqueueAsync(taken)).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task The_id_of_a_job_of_another_kind_is_refused_and_says_what_it_is_the_id_of(bool hasEnded, bool inCall)
    {
        var id = await SquatAsync(Some.Id(), hasEnded);
        var beside = Some.Draft();

        var reports = (await Worker
            .FlushAsync(enqueues: [new(beside, false, inCall ? 1 : 0),
            new(Some.Draft(kind: "write-letters", id: id), false, inCall ? 1 : 0)])).Enqueues;

        reports[1].Status.ShouldBe(EnqueueStatus.Refused);
        reports[1].Error!.Message.ShouldContain($"is that of a job of kind '{Some.Kind}', and this job is of kind 'write-letters'");
        (await FindAsync(beside.Id) is null).ShouldBe(inCall, "jobs of one call are stored all or none");
        (await GetAsync(id)).Kind.ShouldBe(Some.Kind);
        (await Worker.RepeatAsync()).Enqueues[1].Status.ShouldBe(EnqueueStatus.Refused, "after a lost answer as well");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_same_kind_with_another_payload_is_a_duplicate_that_says_so(bool hasEnded)
    {
        var id = await SquatAsync(Some.Id(), hasEnded);

        (await Worker.EnqueueAsync(Some.Draft(id: id)))
            .ShouldSatisfyAllConditions(r => r.Status.ShouldBe(EnqueueStatus.Duplicate), r => r.HasOtherPayload.ShouldBeFalse());
        var other = new JobDraft { Id = id, IdGiven = true, Kind = Some.Kind, Queue = Some.Queue, Payload = "{\"a\":1}"u8.ToArray(),
            MaxAttempts = 3 };
        (await Worker.EnqueueAsync(other))
            .ShouldSatisfyAllConditions(r => r.Status.ShouldBe(EnqueueStatus.Duplicate), r => r.HasOtherPayload.ShouldBeTrue());
    }

    public enum Holder
    {
        RunningJob,
        WaitingJob,
        EndedJob,
        Workflow,
    }

    public static TheoryData<Holder, bool> Holders =>
        [.. from holder in Enum.GetValues<Holder>() from inCall in new[] { false, true } select (holder, inCall)];

    [Theory]
    [MemberData(nameof(Holders))]
    [Trait("Rule", "3")]
    public async Task A_repeat_under_an_id_that_was_anothers_and_is_free_by_now_is_stored_in_the_end(Holder holder, bool inCall)
    {
        var (id, free) = await TakeAsync(holder);
        var group = inCall ? 1 : 0;
        EnqueueRequest[] enqueues =
            [new(Some.Draft(), false, group), new(Some.Draft(kind: "write-letters", id: id), false, group), new(Some.Draft(), false)];
        var beside = inCall ? EnqueueStatus.Refused : EnqueueStatus.Stored;
        (await Worker.FlushAsync(enqueues: enqueues)).Enqueues.Select(static e => e.Status)
            .ShouldBe([beside, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        await free();

        var reports = await InTheEndAsync(await Worker.RepeatAsync(), enqueues);

        reports.ShouldBe(enqueues.Select(static e => new EnqueueReport(EnqueueStatus.Stored, e.Job.Id, JobState.Ready)));
        (await Worker.ClaimAsync(10)).Select(static c => c.Job.Id).ShouldBe(enqueues.Select(static e => e.Job.Id), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Holders))]
    [Trait("Rule", "3")]
    public async Task A_repeat_under_an_id_that_is_still_anothers_is_refused_again_and_not_sent_once_more(Holder holder, bool inCall)
    {
        var (id, _) = await TakeAsync(holder);
        var group = inCall ? 1 : 0;
        EnqueueRequest[] enqueues = [new(Some.Draft(), false, group), new(Some.Draft(kind: "write-letters", id: id), false, group)];
        var first = await Worker.FlushAsync(enqueues: enqueues);

        var repeated = await Worker.RepeatAsync();

        repeated.Blocked.IsEmpty.ShouldBeTrue();
        repeated.Enqueues.Select(static e => (e.Status, e.Error?.Message))
            .ShouldBe(first.Enqueues.Select(static e => (e.Status, e.Error?.Message)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Rule", "3")]
    public async Task A_repeat_under_an_id_that_was_the_same_jobs_is_not_stored_though_it_is_free_by_now(bool keyed)
    {
        var id = await SquatAsync(Some.Id(), hasEnded: true);
        EnqueueRequest[] enqueues = [new(Some.Draft(id: id, uniqueKey: keyed ? "k" : null), false), new(Some.Draft(id: Some.Id()), false)];
        (await Worker.FlushAsync(enqueues: enqueues)).Enqueues.Select(static e => e.Status)
            .ShouldBe([EnqueueStatus.Duplicate, EnqueueStatus.Stored]);
        var other = await NewWorkerAsync();
        await other.SettleAsync((await other.ClaimAsync()).ShouldHaveSingleItem(), JobState.Succeeded, TimeSpan.Zero);
        (await Store.DeleteAsync([id], Now, Token)).ShouldBe(1);

        var repeated = await Worker.RepeatAsync();

        repeated.Blocked.IsEmpty.ShouldBeTrue();
        repeated.Enqueues.ShouldBe(enqueues.Select(static e => new EnqueueReport(EnqueueStatus.Stored, e.Job.Id, JobState.Unknown)),
            "the id has been used");
        (await other.ClaimAsync(10)).ShouldBeEmpty();
    }

    /// <summary>The answers, with those to what a store wants to be sent once more by itself.</summary>
    private async Task<IReadOnlyList<EnqueueReport>> InTheEndAsync(FlushReport report, EnqueueRequest[] enqueues)
    {
        var places = report.Blocked.Enqueues.Order().ToList();
        if (places.Count == 0)
        {
            return report.Enqueues;
        }

        var apart = await Worker.FlushApartAsync(enqueues: [.. places.Select(i => enqueues[i])]);
        return [.. report.Enqueues.Select((e, i) => places.IndexOf(i) is >= 0 and var place ? apart.Enqueues[place] : e)];
    }

    /// <summary>Gives an id to something else, and returns the way to free it.</summary>
    private async Task<(JobId Id, Func<Task> Free)> TakeAsync(Holder holder)
    {
        if (holder == Holder.Workflow)
        {
            await StoreAsync("a");
            await EndAsync("a");
            return (Flow.Id.Step(2), async () => (await DeleteFlowAsync()).ShouldBe(DeleteResult.Deleted));
        }

        var id = await SquatAsync(Some.Id(), holder == Holder.EndedJob);
        if (holder != Holder.RunningJob)
        {
            return (id, async () => (await Store.DeleteAsync([id], Now, Token)).ShouldBe(1));
        }

        var other = await NewWorkerAsync();
        var claim = (await other.ClaimAsync(1, "squat")).ShouldHaveSingleItem();
        return (id, async () => (await other.SettleAsync(claim, JobState.Succeeded, TimeSpan.Zero)).Settled.ShouldBeTrue());
    }

    /// <summary>Stores a job under an id that nothing has yet, as it could be once.</summary>
    private async Task<JobId> SquatAsync(JobId id, bool hasEnded)
    {
        var job = Some.Draft(id: id, queue: "squat");
        (await Worker.EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
        if (hasEnded)
        {
            await Worker.SettleAsync((await Worker.ClaimAsync(1, "squat")).ShouldHaveSingleItem(), JobState.Succeeded);
        }

        return id;
    }
}
