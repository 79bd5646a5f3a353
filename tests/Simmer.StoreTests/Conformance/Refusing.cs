using Npgsql;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Conformance;

/// <summary>A trigger of an administrator's refuses what the store writes of jobs with one priority. All others go on.</summary>
public abstract class Refusing<TFactory> : WorkflowTest<TFactory>
    where TFactory : ITransactionalStoreFactory, new()
{
    private const int Bad = 13;

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_job_whose_claim_is_refused_is_put_off_with_the_reason_and_the_others_are_claimed()
    {
        await ForbidAsync("job", "UPDATE", "NEW.state = 4");
        var (bad, good) = (Some.Draft(priority: Bad), new[] { Some.Draft(), Some.Draft() });
        await Worker.EnqueueAllAsync([bad, .. good]);

        var report = await Worker.FlushAsync(claims: [new ClaimRequest(Some.Queue, 2)]);
        var claims = report.Claims.Concat(await Worker.ClaimAsync(2)).Select(static c => c.Job.Id);

        claims.ShouldBe(good.Select(static g => g.Id), ignoreOrder: true);
        report.SetAside.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(s => s.Job.ShouldBe(bad.Id.ToString()), static s => s.Reason.ShouldContain("not this one"));
        var aside = await GetAsync(bad.Id);
        (aside.State, aside.Errors.ShouldHaveSingleItem().Type).ShouldBe((JobState.Scheduled, ErrorTypes.Unreadable));
        await AllowAsync("job");
        Pass(TimeSpan.FromMinutes(1));
        (await PromoteAsync()).Count.ShouldBe(1);
        (await Worker.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(bad.Id);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_job_of_which_every_change_is_refused_is_left_alone_and_holds_up_nobody()
    {
        await ForbidAsync("job", "UPDATE", "1 = 1");
        var (bad, good) = (Some.Draft(priority: Bad), Some.Draft());
        await Worker.EnqueueAllAsync(bad, good);

        var first = await Worker.ClaimAsync();
        await Worker.EnqueueAllAsync(Some.Draft());
        var second = await Worker.ClaimAsync();

        first.Concat(second).Select(static c => c.Job.Id).ShouldContain(good.Id);
        (first.Count + second.Count).ShouldBe(2);
        (await StateOfAsync(bad.Id)).ShouldBe(JobState.Ready);
        (await Store.DeleteAsync([bad.Id], Now, Token)).ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_give_back_that_is_refused_is_to_be_sent_again_also_when_its_answer_was_lost()
    {
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft());
        var claims = await Worker.ClaimAsync(2);
        await ForbidAsync("job", "UPDATE", "NEW.state = 3");

        var report = await Worker.FlushAsync(giveBacks: [claims[0].Token, claims[1].Token], enqueues: [new(Some.Draft(), false)]);
        report.Refusals.ShouldHaveSingleItem().Token.ShouldBe(claims[0].Token);
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        (await StateOfAsync(claims[1].Job.Id)).ShouldBe(JobState.Ready);
        var repeat = await Worker.RepeatAsync();
        (repeat.WasRepeat, repeat.Refusals.ShouldHaveSingleItem().Token).ShouldBe((true, claims[0].Token));

        await AllowAsync("job");
        (await Worker.GiveBackAsync(claims[0].Token)).ShouldBeTrue();
        (await StateOfAsync(claims[0].Job.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_settlement_that_is_refused_is_to_be_sent_again_whatever_it_says()
    {
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft(priority: Bad), Some.Draft(priority: Bad), Some.Draft());
        var claims = await Worker.ClaimAsync(4);
        await ForbidAsync("job", "DELETE", "1 = 1");
        await ForbidAsync("job", "UPDATE", "NEW.state <> 4");
        Settlement[] settlements =
        [
            Some.Settlement(claims[0].Token, keepFor: TimeSpan.Zero), Some
                .Settlement(claims[1].Token, JobState.Scheduled, Some.Day, error: Some.Error()),
            Some.Settlement(claims[2].Token, JobState.Failed, error: Some.Error(), reason: "bad"), Some.Settlement(claims[3].Token),
        ];

        var report = await Worker.FlushAsync(settlements: settlements);
        report.Refusals.Select(static r => r.Token).ShouldBe(claims.Take(3).Select(static c => c.Token));
        report.Settlements[3].ShouldBe(new SettleReport(true, JobState.Succeeded));

        await AllowAsync("job");
        (await Worker.FlushAsync(settlements: settlements[..3])).Settlements.Select(static s => s.State)
            .ShouldBe([JobState.Succeeded, JobState.Scheduled, JobState.Failed]);
        (await GetAsync(claims[2].Job.Id)).Reason.ShouldBe("bad");
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task Progress_whose_text_is_refused_is_noted_with_a_mark_and_the_others_are_noted()
    {
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft());
        var claims = await Worker.ClaimAsync(2);
        await using (var connection = await Factory.ConnectAsync())
        {
            // On PostgreSQL progress stands beside the job's row.
            await (connection is NpgsqlConnection
                ? ForbidAsync("progress", "INSERT", "NEW.progress_text = 'bad'", any: true)
                : ForbidAsync("job", "UPDATE", "NEW.progress_text = 'bad'"));
        }

        _ = await Worker
            .FlushAsync(progress: [new ProgressNote(claims[0].Token, 0.5, "bad", false),
            new ProgressNote(claims[1].Token, 0.5, "good", false)]);

        ((await GetAsync(claims[0].Job.Id)).ProgressText, (await GetAsync(claims[1].Job.Id)).ProgressText)
            .ShouldBe((StoreRules.RefusedText, "good"));
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_workflow_that_is_refused_fails_alone()
    {
        await ForbidAsync("workflow", "INSERT", "NEW.name = 'bad'", any: true);

        var report = await Worker
            .FlushAsync(workflows: [SomeFlow.Draft(SomeFlow.Parse("a"), name: "bad"),
            SomeFlow.Draft(SomeFlow.Parse("a", "b after a"), name: "good")], enqueues: [new(Some.Draft(), false)]);

        report.Workflows.Select(static w => w.Status).ShouldBe([EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Workflows[0].Error!.Message.ShouldContain("not this one");
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_job_that_cannot_be_made_ready_when_it_is_due_keeps_no_other_from_it()
    {
        var (bad, good) = (Some.Draft(priority: Bad, dueAt: Now + TimeSpan.FromSeconds(1)),
            Some.Draft(dueAt: Now + TimeSpan.FromSeconds(1)));
        await Worker.EnqueueAllAsync(bad, good, Some.Draft(dueAt: Now + Some.Day));
        await ForbidAsync("job", "UPDATE", "NEW.state = 3");
        Pass(TimeSpan.FromSeconds(2));

        var report = await PromoteAsync();

        report.Count.ShouldBe(1);
        report.NextDue!.Value.ShouldBeGreaterThan(Now);
        ((await StateOfAsync(bad.Id)), await StateOfAsync(good.Id)).ShouldBe((JobState.Scheduled, JobState.Ready));
        await AllowAsync("job");
        Pass(TimeSpan.FromMinutes(1));
        (await PromoteAsync()).Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_job_that_cannot_be_taken_back_is_put_off_with_the_reason_and_keeps_no_other_from_it()
    {
        var dying = await NewWorkerAsync();
        await dying.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft(), Some.Draft());
        var claims = await dying.ClaimAsync(3);
        await ForbidAsync("job", "UPDATE", "NEW.state = 9");

        (await KillAsync(dying))
            .ShouldSatisfyAllConditions(r => r.Dead.ShouldBe([dying.Id]),
            r => r.Rescued.ShouldBe(claims.Skip(1).Select(static c => c.Job.Id), ignoreOrder: true));

        var aside = await GetAsync(claims[0].Job.Id);
        (aside.State, aside.Errors[^1].Type).ShouldBe((JobState.Scheduled, ErrorTypes.Unreadable));
        aside.Errors[^1].Message.ShouldContain("not this one");
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_job_whose_return_is_refused_each_time_is_as_suspect_as_if_it_had_come_back()
    {
        var killer = Some.Draft(priority: Bad);
        await Worker.EnqueueAllAsync(killer);
        foreach (var (level, attempt) in new[] { (0, 0), (1, 0), (2, 0), (3, 0), (4, 1) })
        {
            var dying = new TestWorker(Store,
                await Store.RegisterAsync(new WorkerInfo("dying", [Some.Queue], []) { Slots = 4 }, Now, Token), () => Now);
            (await dying.ClaimAsync(room: new SuspectRoom(4))).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
                c => c.Suspicion.ShouldBe(level), c => c.Attempt.ShouldBe(attempt + 1));
            await ForbidAsync("job", "UPDATE", "NEW.state IN (3, 9)");

            (await KillAsync(dying)).Rescued.ShouldBeEmpty();

            (await StateOfAsync(killer.Id)).ShouldBe(JobState.Scheduled);
            await AllowAsync("job");
            Pass(TimeSpan.FromMinutes(31));
            (await PromoteAsync()).Count.ShouldBe(1);
        }
    }

    [Fact]
    [Trait("Rule", "10")]
    public async Task A_suspect_whose_claim_is_refused_is_a_suspect_still()
    {
        var suspect = Some.Draft(priority: Bad);
        await Worker.EnqueueAllAsync(suspect);
        var dying = await NewWorkerAsync();
        _ = await dying.ClaimAsync();
        _ = await KillAsync(dying);
        await ForbidAsync("job", "UPDATE", "NEW.state = 4");
        (await Worker.ClaimAsync(maySuspect: true)).ShouldBeEmpty();
        await AllowAsync("job");
        Pass(TimeSpan.FromMinutes(1));

        (await PromoteAsync()).Count.ShouldBe(1);

        (await Worker.ClaimAsync()).ShouldBeEmpty("it runs in no company that it may not have");
        (await Worker.ClaimAsync(maySuspect: true)).ShouldHaveSingleItem().Suspicion.ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_wakes_for_a_job_that_cannot_be_made_ready()
    {
        var later = Some.Draft(dueAt: Now + Some.Day);
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad, dueAt: Now + TimeSpan.FromSeconds(1)), later);
        await ForbidAsync("job", "UPDATE", "NEW.state = 3");
        Pass(TimeSpan.FromSeconds(2));
        (await PromoteAsync()).Count.ShouldBe(0);

        (await BeatAsync(Worker)).NextDue.ShouldBe(later.DueAt);
        (await Store.PollAsync(Worker.Id, Now, Token)).NextDue.ShouldBe(later.DueAt);

        Pass(TimeSpan.FromSeconds(11));
        (await BeatAsync(Worker)).NextDue!.Value.ShouldBeLessThan(Now);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_job_of_a_dead_worker_of_which_every_change_is_refused_is_taken_back_when_it_is_let()
    {
        var dying = await NewWorkerAsync();
        await dying.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft());
        var claims = await dying.ClaimAsync(2);
        await ForbidAsync("job", "UPDATE", "1 = 1");

        (await KillAsync(dying)).ShouldSatisfyAllConditions(r => r.Dead.ShouldBe([dying.Id]), r => r.Rescued.ShouldBe([claims[1].Job.Id]));

        await AllowAsync("job");
        (await RescueAsync([], orphans: true)).Rescued.ShouldBe([claims[0].Job.Id]);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_worker_leaves_though_one_of_its_jobs_cannot_be_given_back()
    {
        var leaving = await NewWorkerAsync();
        await leaving.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft());
        var claims = await leaving.ClaimAsync(2);
        await ForbidAsync("job", "UPDATE", "NEW.state = 3");

        await Store.DeregisterAsync(leaving.Id, Now, Token);

        (await StateOfAsync(claims[1].Job.Id)).ShouldBe(JobState.Ready);
        (await Store.Browser.WorkersAsync(Now, Token)).ShouldNotContain(w => w.Id == leaving.Id);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task What_cannot_be_pruned_or_expired_keeps_nothing_else_from_it()
    {
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft());
        var claims = await Worker.ClaimAsync(2);
        _ = await Worker
            .FlushAsync(settlements: [.. claims.Select(static c => Some.Settlement(c.Token, keepFor: TimeSpan.FromMinutes(1)))]);
        var (bad, good) = (Some.Draft(priority: Bad, expiresAt: Now + TimeSpan.FromMinutes(1)),
            Some.Draft(expiresAt: Now + TimeSpan.FromMinutes(1)));
        await Worker.EnqueueAllAsync(bad, good);
        await ForbidAsync("history", "DELETE", "1 = 1");
        await ForbidAsync("job", "DELETE", "1 = 1");
        Pass(TimeSpan.FromMinutes(2));

        (await PruneAsync()).ShouldSatisfyAllConditions(static r => r.Deleted.ShouldBe(1), r => r.Expired.ShouldBe([good.Id]));

        (await FindAsync(claims[0].Job.Id)).ShouldNotBeNull();
        (await StateOfAsync(bad.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task As_many_as_a_look_takes_that_cannot_be_pruned_do_not_hold_up_what_comes_after_them()
    {
        await Worker.EnqueueAllAsync(Some.Draft(priority: Bad), Some.Draft(priority: Bad), Some.Draft());
        foreach (var claim in (await Worker.ClaimAsync(3)).OrderByDescending(static c => c.Job.Priority == Bad))
        {
            // The refused ones come first: they are overdue for longer.
            Pass(TimeSpan.FromSeconds(1));
            _ = await Worker.FlushAsync(settlements: [Some.Settlement(claim.Token, keepFor: TimeSpan.FromMinutes(1))]);
        }

        await ForbidAsync("history", "DELETE", "1 = 1");
        Pass(TimeSpan.FromMinutes(2));

        (await PruneAsync(2)).Deleted.ShouldBe(0);
        (await PruneAsync(2)).Deleted.ShouldBe(1);

        await AllowAsync("history");
        Pass(TimeSpan.FromHours(1));
        (await PruneAsync(2)).Deleted.ShouldBe(2);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_cancel_whose_reason_is_refused_is_done_with_a_mark()
    {
        var bad = Some.Draft(priority: Bad);
        await Worker.EnqueueAllAsync(bad);
        await ForbidAsync("history", "INSERT", "NEW.reason = 'bad'");

        (await CancelAsync(bad.Id, "bad")).Result.ShouldBe(CancelResult.Cancelled);

        (await GetAsync(bad.Id))
            .ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Cancelled),
            static j => j.Reason.ShouldBe(StoreRules.RefusedText));
    }

    [Theory]
    [Trait("Rule", "15")]
    [InlineData("bad")]
    [InlineData(null)]
    public async Task A_cancel_that_is_refused_is_told_and_the_others_of_its_call_are_cancelled(string? reason)
    {
        var runs = await Worker.StartAsync(Some.Draft());
        var (first, bad, last) = (Some.Draft(), Some.Draft(priority: Bad), Some.Draft(dueAt: Now + Some.Day));
        await Worker.EnqueueAllAsync(first, bad, last);
        await ForbidAsync("job", "DELETE", "1 = 1");

        var reports = await Store.CancelAsync([first.Id, bad.Id, runs.Job.Id, Some.Id(), last.Id], reason, Now, Token);

        reports[1].Error.ShouldNotBeNull().Message
            .ShouldSatisfyAllConditions(m => m.ShouldContain(bad.Id.ToString()), static m => m.ShouldContain("not this one"));
        reports.Where((_, i) => i != 1).ShouldBe(
            [new CancelReport(CancelResult.Cancelled), new CancelReport(CancelResult.Requested, Worker.Id, 1),
                new CancelReport(CancelResult.NotFound), new CancelReport(CancelResult.Cancelled)]);
        (await StateOfAsync(bad.Id)).ShouldBe(JobState.Ready);
        (await GetAsync(last.Id))
            .ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Cancelled), j => j.Reason.ShouldBe(reason));
        (await BeatAsync(Worker)).Cancels.ShouldBe([runs.Token]);

        await AllowAsync("job");
        (await CancelAsync(bad.Id)).Result.ShouldBe(CancelResult.Cancelled);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task What_follows_from_a_cancelled_step_follows_though_another_cancel_of_the_call_is_refused()
    {
        await StoreAsync("a", "b after a", "finally");
        var bad = Some.Draft(priority: Bad);
        await Worker.EnqueueAllAsync(bad);
        await ForbidAsync("job", "DELETE", "1 = 1");

        var reports = await Store.CancelAsync([await IdOfAsync("a"), bad.Id], "not wanted", Now, Token);

        (reports[0].Result, reports[1].Error is not null).ShouldBe((CancelResult.Cancelled, true));
        (await StatesAsync()).ShouldBe("Running: a Cancelled, b Skipped, finally Ready");
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_retry_that_is_refused_is_told_and_the_others_of_its_call_run_again()
    {
        await StoreAsync("a", "b after a");
        await FailAsync("a");
        JobDraft[] jobs = [Some.Draft(), Some.Draft(priority: Bad), Some.Draft()];
        await Worker.EnqueueAllAsync(jobs);
        _ = await Worker
            .FlushAsync(settlements: [.. (await Worker.ClaimAsync(3)).Select(static c => Some.Settlement(c.Token, JobState.Failed))]);
        await ForbidAsync("job", "INSERT", "1 = 1");

        var results = await Store.RetryAsync([jobs[0].Id, jobs[1].Id, await IdOfAsync("a"), Some.Id(), jobs[2].Id], Now, Token);

        results[1].ShouldSatisfyAllConditions(static r => r.Error.ShouldNotBeNull().Message.ShouldContain("not this one"),
            static r => (r.Status, r.State).ShouldBe((RetryStatus.NotRetryable, JobState.Failed)));
        results.Where((_, i) => i != 1).Select(static r => (r.Status, r.State, r.Error)).ShouldBe(
            [(RetryStatus.Retried, JobState.Ready, null), (RetryStatus.Retried, JobState.Ready, null),
                (RetryStatus.NotFound, JobState.Unknown, null), (RetryStatus.Retried, JobState.Ready, null)]);
        (await Worker.ClaimAsync(5)).Count.ShouldBe(3);
        (await StatesAsync()).ShouldBe("Running: a Running, b Waiting");
        await AllowAsync("job");
        (await RetryAsync(jobs[1].Id)).Status.ShouldBe(RetryStatus.Retried);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_deletion_that_is_refused_is_told_and_the_others_of_its_call_are_deleted()
    {
        await Worker.EnqueueAllAsync(Some.Draft(), Some.Draft(priority: Bad));
        var ended = (await Worker.ClaimAsync(2)).OrderBy(static c => c.Job.Priority).ToArray();
        _ = await Worker.FlushAsync(settlements: [.. ended.Select(static c => Some.Settlement(c.Token))]);
        JobDraft[] waiting = [Some.Draft(), Some.Draft(priority: Bad), Some.Draft()];
        await Worker.EnqueueAllAsync(waiting);
        await ForbidAsync("job", "DELETE", "1 = 1");
        await ForbidAsync("history", "DELETE", "1 = 1");

        JobId[] all = [.. waiting.Select(static w => w.Id), .. ended.Select(static e => e.Job.Id)];
        var error = await Should.ThrowAsync<StoreException>(async () => await Store.DeleteAsync(all, Now, Token));

        error.Message.ShouldSatisfyAllConditions(static m => m.ShouldContain("not this one"), static m => m.ShouldContain("3 deleted"),
            static m => m.ShouldContain("1 more"));
        (await Store.Browser.GetAsync(all, Token)).Select(static j => j?.Id).ShouldBe([null, waiting[1].Id, null, null, ended[1].Job.Id]);
        await AllowAsync("job");
        await AllowAsync("history");
        (await Store.DeleteAsync(all, Now, Token)).ShouldBe(2);
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_step_whose_cancel_is_refused_is_told_and_the_others_of_its_workflow_are_cancelled()
    {
        await StoreAsync(WithBad(Now + Some.Day));
        var a = await ClaimAsync("a");
        await ForbidAsync("job", "DELETE", "1 = 1");

        var report = await CancelFlowAsync();

        var bad = await IdOfAsync("bad");
        report.Refused.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(r => r.Step.ShouldBe(bad), static r => r.Error.Message.ShouldContain("not this one"));
        report.Result.ShouldBe(CancelResult.Requested);
        report.Running.ShouldBe([(Worker.Id, a.Token)]);
        (await StatesAsync()).ShouldBe("Running: a Running, bad Scheduled, c Cancelled, d Cancelled");
        (await WorkflowAsync()).CancelRequested.ShouldBeTrue();

        await AllowAsync("job");
        (await CancelFlowAsync()).Refused.ShouldBeEmpty();
        (await Worker.SettleAsync(End(a, JobState.Cancelled))).Settled.ShouldBeTrue();
        (await StatesAsync()).ShouldBe("Cancelled: a Cancelled, bad Cancelled, c Cancelled, d Cancelled");
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_workflow_of_which_every_step_is_refused_is_not_cancelled_at_all()
    {
        var flow = new Workflow();
        _ = flow.Add("bad", new Letter { Priority = Bad });
        await StoreAsync(flow);
        await ForbidAsync("job", "DELETE", "1 = 1");

        (await Should.ThrowAsync<StoreException>(async () => await CancelFlowAsync())).Message.ShouldContain("not this one");

        (await WorkflowAsync()).CancelRequested.ShouldBeFalse();
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_cancel_of_a_workflow_whose_reason_is_refused_is_done_with_a_mark()
    {
        await StoreAsync("a", "b");
        await ForbidAsync("workflow", "UPDATE", "NEW.reason = 'bad'", any: true);

        (await CancelFlowAsync("bad"))
            .ShouldSatisfyAllConditions(static r => r.Result.ShouldBe(CancelResult.Cancelled), static r => r.Refused.ShouldBeEmpty());

        (await WorkflowAsync()).Reason.ShouldBe(StoreRules.RefusedText);
        (await StatesAsync()).ShouldBe("Cancelled: a Cancelled, b Cancelled");
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_step_that_is_refused_to_run_again_is_told_and_the_others_of_its_workflow_run_again()
    {
        await StoreAsync(WithBad());
        foreach (var step in new[] { "bad", "a", "c" })
        {
            await FailAsync(step);
        }

        await ForbidAsync("job", "INSERT", "1 = 1");

        var result = await RetryFlowAsync();

        (result.Status, result.Error.ShouldNotBeNull().Message)
            .ShouldSatisfyAllConditions(static r => r.Status.ShouldBe(RetryStatus.Retried),
            static r => r.Message.ShouldContain("not this one"));
        (await StatesAsync()).ShouldBe("Running: a Ready, bad Failed, c Ready, d Waiting");
        (await RetryStepAsync("bad"))
            .ShouldSatisfyAllConditions(static r => r.Status.ShouldBe(RetryStatus.NotRetryable), static r => r.Error.ShouldNotBeNull());
        await AllowAsync("job");
        (await RetryFlowAsync())
            .ShouldSatisfyAllConditions(static r => r.Status.ShouldBe(RetryStatus.Retried), static r => r.Error.ShouldBeNull());
        await EndAllAsync("a", "bad", "c", "d");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    /// <summary>Steps a, bad and c, and d after all of them.</summary>
    private static Workflow WithBad(DateTimeOffset? notBefore = null)
    {
        var flow = new Workflow();
        var steps = new[] { flow.Add("a", new Letter()), flow.Add("bad", new Letter { Priority = Bad, DueAt = notBefore }),
            flow.Add("c", new Letter { DueAt = notBefore }) };
        _ = flow.Add("d", new Letter()).After(steps);
        return flow;
    }

    private async Task ForbidAsync(string table, string change, string when, bool any = false)
    {
        await using var connection = await Factory.ConnectAsync();
        await using var command = connection.CreateCommand();
        var row = change == "DELETE" ? "OLD" : "NEW";
        command.CommandText = connection is NpgsqlConnection
            ? $"""
                CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
                CREATE TRIGGER refuse_{change.ToLowerInvariant()} BEFORE {change} ON {table} FOR EACH ROW
                    WHEN (({when}) AND {(any ? "true" : $"{row}.rank = {~Bad}")}) EXECUTE FUNCTION refuse()
                """
            : $"CREATE TRIGGER refuse_{change.ToLowerInvariant()}_{table} BEFORE {change} ON simmer_{table} WHEN ({when}) "
                + $"AND {(any ? "1" : $"{row}.priority = {Bad}")} BEGIN SELECT RAISE(ABORT, 'not this one'); END";
        _ = await command.ExecuteNonQueryAsync(Token);
    }

    private async Task AllowAsync(string table)
    {
        await using var connection = await Factory.ConnectAsync();
        foreach (var change in new[] { "insert", "update", "delete" })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = connection is NpgsqlConnection
                ? $"DROP TRIGGER IF EXISTS refuse_{change} ON {table}"
                : $"DROP TRIGGER IF EXISTS refuse_{change}_{table}";
            _ = await command.ExecuteNonQueryAsync(Token);
        }
    }
}
