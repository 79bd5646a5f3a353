using Npgsql;
using Simmer.Postgres;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Postgres;

/// <summary>An open transaction of the application blocks only what needs the rows that it has locked.</summary>
[Trait("Rule", "16")]
public sealed class Blocking : PostgresTest
{
    private PostgresJobStore _store = null!;
    private TestWorker _worker = null!;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_held_key_is_left_out_of_the_flush_and_decided_when_its_holder_has_ended(bool commits)
    {
        await using var other = await StartAsync();
        var (waiting, holder, keyed, plain) = (Some.Draft(), Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "k"), Some.Draft());
        await _worker.EnqueueAsync(waiting);
        await _store.EnqueueWithinAsync(other, [holder], Now, Token);

        var report = await _worker.FlushAsync(enqueues: [new(keyed, false), new(plain, false)], claims: [new ClaimRequest(Some.Queue, 5)]);

        report.Blocked.Enqueues.ShouldBe([0]);
        report.Enqueues[1].Status.ShouldBe(EnqueueStatus.Stored);
        report.Claims.Select(static c => c.Job.Id).ShouldBe([waiting.Id, plain.Id]);
        (await _worker.FlushApartAsync(enqueues: [new(keyed, false)])).Blocked.Enqueues.ShouldBe([0]);

        await (commits ? other.CommitAsync(Token) : other.RollbackAsync(Token));

        var apart = await _worker.FlushApartAsync(enqueues: [new(keyed, false)]);
        apart.Blocked.IsEmpty.ShouldBeTrue();
        apart.Enqueues.ShouldHaveSingleItem()
            .ShouldBe(commits
            ? new EnqueueReport(EnqueueStatus.Duplicate, holder.Id, JobState.Ready)
            : new EnqueueReport(EnqueueStatus.Stored, keyed.Id, JobState.Ready));
    }

    [Fact]
    public async Task The_jobs_of_one_call_are_left_out_together()
    {
        await using var other = await StartAsync();
        await _store.EnqueueWithinAsync(other, [Some.Draft(uniqueKey: "k")], Now, Token);
        EnqueueRequest[] call = [new(Some.Draft(), false, 1), new(Some.Draft(uniqueKey: "k"), false, 1)];

        var report = await _worker.FlushAsync(enqueues: [.. call, new(Some.Draft(), false)]);
        report.Blocked.Enqueues.Order().ShouldBe([0, 1]);
        (await _worker.FlushApartAsync(enqueues: call)).Blocked.Enqueues.Order().ShouldBe([0, 1]);
        (await StateOfAsync(call[0].Job.Id)).ShouldBe(JobState.Unknown);
        await other.RollbackAsync(Token);

        (await _worker.FlushApartAsync(enqueues: call)).Enqueues.ShouldAllBe(static e => e.Status == EnqueueStatus.Stored);
    }

    [Fact]
    public async Task The_end_of_a_step_whose_workflow_is_held_waits_and_then_releases_those_after_it()
    {
        await using var other = await StartAsync();
        var flow = SomeFlow.Of("a", "b after a");
        await _worker.EnqueueAsync(flow);
        await _worker.EnqueueAsync(Some.Draft());
        var claims = await _worker.ClaimAsync(5);
        var (step, plain) = (claims.Single(static c => c.Job.Step is not null), claims.Single(static c => c.Job.Step is null));
        await HoldAsync(other, "SELECT 1 FROM workflow FOR UPDATE");
        var ends = Some.Settlement(step.Token, step: step.Job.Step);

        var report = await _worker.FlushAsync(settlements: [ends, Some.Settlement(plain.Token)], enqueues: [new(Some.Draft(), false)]);

        report.Blocked.Settlements.ShouldBe([0]);
        report.Settlements[1].Settled.ShouldBeTrue();
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
        (await _worker.FlushApartAsync(settlements: [ends])).Blocked.Settlements.ShouldBe([0]);

        await other.RollbackAsync(Token);

        (await _worker.FlushApartAsync(settlements: [ends])).Settlements.ShouldBe([new SettleReport(true, JobState.Succeeded)]);
        (await StateOfAsync(flow.Steps[1].Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task Jobs_whose_rows_are_held_end_and_go_back_later_and_their_neighbours_are_not_concerned()
    {
        await using var other = await StartAsync();
        await _worker.EnqueueAllAsync(Some.Draft(), Some.Draft(), Some.Draft(), Some.Draft());
        var claims = await _worker.ClaimAsync(4);
        await HoldAsync(other, $"SELECT 1 FROM job WHERE id IN ('{claims[0].Job.Id}', '{claims[2].Job.Id}') FOR UPDATE");
        Settlement[] ends = [Some.Settlement(claims[0].Token), Some.Settlement(claims[1].Token)];
        LeaseToken[] backs = [claims[2].Token, claims[3].Token];

        var report = await _worker.FlushAsync(settlements: ends, giveBacks: backs, enqueues: [new(Some.Draft(), false)]);
        (report.Blocked.Settlements.Count, report.Blocked.GiveBacks.Count, report.Blocked.Enqueues.Count).ShouldBe((2, 2, 0));
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);

        var apart = await _worker.FlushApartAsync(ends, backs);
        (apart.Blocked.Settlements.Single(), apart.Blocked.GiveBacks.Single()).ShouldBe((0, 0));
        (apart.Settlements[1].Settled, apart.GiveBacks[1]).ShouldBe((true, true));

        await other.RollbackAsync(Token);

        apart = await _worker.FlushApartAsync([ends[0]], [backs[0]]);
        (apart.Settlements[0].Settled, apart.GiveBacks[0], apart.Blocked.IsEmpty).ShouldBe((true, true, true));
    }

    [Fact]
    public async Task A_workflow_whose_id_is_held_waits_alone()
    {
        await using var other = await StartAsync();
        var id = SomeFlow.Id();
        var (held, again, free) = (SomeFlow.Draft(SomeFlow.Parse("a"), id), SomeFlow.Draft(SomeFlow.Parse("a"), id), SomeFlow.Of("b"));
        await _store.EnqueueWorkflowWithinAsync(other, held, Now, Token);

        var report = await _worker.FlushAsync(workflows: [again, free], enqueues: [new(Some.Draft(), false)]);
        report.Blocked.Workflows.ShouldContain(0);
        report.Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);

        var apart = await _worker.FlushApartAsync(workflows: [again, free]);
        apart.Blocked.Workflows.ShouldBe([0]);
        apart.Workflows[1].Status.ShouldBe(EnqueueStatus.Stored);

        await other.CommitAsync(Token);

        (await _worker.FlushApartAsync(workflows: [again])).Workflows[0].Status.ShouldBe(EnqueueStatus.Duplicate);
    }

    [Fact]
    [Trait("Rule", "3")]
    public async Task A_flush_that_is_repeated_remembers_what_it_left_out()
    {
        await using var other = await StartAsync();
        await _worker.EnqueueAsync(Some.Draft());
        var claim = (await _worker.ClaimAsync())[0];
        await _store.EnqueueWithinAsync(other, [Some.Draft(uniqueKey: "k")], Now, Token);
        var plain = Some.Draft();
        (await _worker.FlushAsync(settlements: [Some.Settlement(claim.Token)],
            enqueues: [new(Some.Draft(uniqueKey: "k"), false), new(plain, false)])).Blocked.Enqueues.ShouldBe([0]);
        await other.RollbackAsync(Token);

        var repeat = await _worker.RepeatAsync();

        (repeat.WasRepeat, repeat.Settlements[0], repeat.Enqueues[1])
            .ShouldBe((true, new SettleReport(true, JobState.Succeeded),
            new EnqueueReport(EnqueueStatus.Stored, plain.Id, JobState.Ready)));
        repeat.Blocked.Enqueues.Single().ShouldBe(0, "the key is free now, and still the job was not stored by this flush");
        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    [Trait("Rule", "3")]
    public async Task So_does_one_that_was_sent_apart()
    {
        await using var other = await StartAsync();
        await _store.EnqueueWithinAsync(other, [Some.Draft(uniqueKey: "k")], Now, Token);
        var (keyed, free) = (Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "free"));
        (await _worker.FlushApartAsync(enqueues: [new(keyed, false), new(free, false)])).Blocked.Enqueues.ShouldBe([0]);
        await other.RollbackAsync(Token);

        var repeat = await _worker.RepeatAsync();

        repeat.Blocked.Enqueues.ShouldBe([0]);
        repeat.Enqueues[1].ShouldBe(new EnqueueReport(EnqueueStatus.Stored, free.Id, JobState.Ready));
        (await _worker.FlushApartAsync(enqueues: [new(keyed, false)])).Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task Progress_of_a_job_whose_row_is_held_is_dropped_and_holds_up_nobody()
    {
        await using var other = await StartAsync();
        await _worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var claims = await _worker.ClaimAsync(2);
        await HoldAsync(other, $"SELECT 1 FROM job WHERE id = '{claims[0].Job.Id}' FOR UPDATE");

        var report = await _worker.FlushAsync(
            progress: [new ProgressNote(claims[0].Token, 0.5, "held", false), new ProgressNote(claims[1].Token, 0.5, "free", false)],
                enqueues: [new(Some.Draft(), false), new(Some.Draft(uniqueKey: "k"), false)]);

        report.Blocked.IsEmpty.ShouldBeTrue();
        report.Enqueues.ShouldAllBe(static e => e.Status == EnqueueStatus.Stored);
        var notes = await _store.Browser.GetAsync([claims[0].Job.Id, claims[1].Job.Id], Token);
        notes.Select(static n => n!.ProgressText).ShouldBe([null, "free"]);
    }

    [Fact]
    public async Task A_lock_on_the_whole_table_refuses_nothing_and_says_that_nothing_was_learnt_of_the_queues()
    {
        await using var other = await StartAsync();
        await _worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var ends = Some.Settlement((await _worker.ClaimAsync())[0].Token);
        var enqueue = new EnqueueRequest(Some.Draft(), false);
        await HoldAsync(other, "LOCK TABLE job IN ACCESS EXCLUSIVE MODE");

        var report = await _worker.FlushAsync(settlements: [ends], enqueues: [enqueue], claims: [new ClaimRequest(Some.Queue, 1)]);
        (report.Blocked.Settlements.Count, report.Blocked.Enqueues.Count, report.Blocked.Claims, report.Claims.Count)
            .ShouldBe((1, 1, true, 0));
        (await Should.ThrowAsync<StoreException>(async () => await _worker.ClaimAsync())).IsTransient.ShouldBeTrue();

        await other.RollbackAsync(Token);

        var apart = await _worker.FlushApartAsync([ends], enqueues: [enqueue]);
        (apart.Settlements[0].Settled, apart.Enqueues[0].Status).ShouldBe((true, EnqueueStatus.Stored));
        (await _worker.ClaimAsync(5)).Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Rule", "4")]
    public async Task A_worker_that_was_declared_dead_hears_of_it_while_a_key_is_held_and_its_other_jobs_are_stored()
    {
        await using var other = await StartAsync();
        await _store.EnqueueWithinAsync(other, [Some.Draft(uniqueKey: "k")], Now, Token);
        await _store.DeregisterAsync(_worker.Id, Now, Token);
        var plain = Some.Draft();

        var report = await _worker
            .FlushAsync(enqueues: [new(Some.Draft(uniqueKey: "k"), true), new(plain, true)], claims: [new ClaimRequest(Some.Queue, 1)]);

        (report.WorkerGone, report.Claims.Count).ShouldBe((true, 0));
        report.Blocked.Enqueues.ShouldBe([0]);
        report.Enqueues[1].ShouldBe(new EnqueueReport(EnqueueStatus.Stored, plain.Id, JobState.Ready));
        (await _worker.RepeatAsync()).Blocked.Enqueues.ShouldBe([0]);
    }

    [Fact]
    public async Task While_an_operator_waits_for_a_held_job_what_is_due_becomes_ready()
    {
        await using var other = await StartAsync(static o => o.LockTimeout = TimeSpan.FromSeconds(30));
        var (held, due) = (Some.Draft(), Some.Draft(dueAt: Now.AddMinutes(1)));
        await _worker.EnqueueAllAsync(held, due);
        await HoldAsync(other, $"SELECT 1 FROM job WHERE id = '{held.Id}' FOR UPDATE");

        var cancels = _store.CancelAsync([held.Id], "not wanted", Now, Token).AsTask();
        var promoted = await _store.PromoteDueAsync(10, Now.AddMinutes(2), Token);

        (promoted.Count, cancels.IsCompleted).ShouldBe((1, false));
        await other.RollbackAsync(Token);
        (await cancels)[0].Result.ShouldBe(CancelResult.Cancelled);
    }

    [Fact]
    public async Task An_operator_gives_up_in_the_end_and_is_told_where_to_look()
    {
        await using var other = await StartAsync(static o => o.LockTimeout = TimeSpan.FromMilliseconds(120));
        var held = Some.Draft();
        await _worker.EnqueueAsync(held);
        await HoldAsync(other, $"SELECT 1 FROM job WHERE id = '{held.Id}' FOR UPDATE");

        var error = await Should.ThrowAsync<StoreException>(async () => await _store.CancelAsync([held.Id], null, Now, Token));

        (error.IsTransient, error.OutcomeUnknown).ShouldBe((true, false));
        error.Message.ShouldContain("pg_stat_activity");
    }

    /// <summary>Opens the store and a transaction that a test leaves open.</summary>
    private async Task<NpgsqlTransaction> StartAsync(Action<PostgresStoreOptions>? configure = null)
    {
        _store = await OpenAsync(configure);
        _worker = await RegisterAsync(_store);
        return await (await ConnectAsync()).BeginTransactionAsync(Token);
    }

    private static async Task HoldAsync(NpgsqlTransaction transaction, string sql) => _ = await ExecuteAsync(transaction.Connection!, sql);

    private async Task<JobState> StateOfAsync(JobId id) => (await _store.Browser.GetAsync([id], Token))[0]?.State ?? JobState.Unknown;

    private async Task<long> CountAsync()
    {
        var connection = await ConnectAsync();
        return (long)(await ExecuteAsync(connection, "SELECT count(*) FROM job"))!;
    }
}
