using Npgsql;
using Simmer.Postgres;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;
using Simmer.Tests.Engine;

namespace Simmer.StoreTests.Postgres;

/// <summary>Simmer's tables are emptied while processes run, or the database is made anew. What is acknowledged from then on is stored and
/// runs.</summary>
public sealed class Emptied : PostgresTest
{
    private const int NamesGone = 3030;
    private const int OtherDatabase = 3031;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly LogLines _log = new();
    private PostgresJobStore _store = null!;
    private TestWorker _worker = null!;
    private NpgsqlConnection _own = null!;

    public enum Door
    {
        Flush,
        Dispatch,
        Several,
        Apart,
        Careful,
        Workflow,
        AddedStep,
        Within,
        WorkflowWithin,
        WorkerGone,
    }

    public static TheoryData<string, Door> TablesAndDoors
    {
        get
        {
            var data = new TheoryData<string, Door>();
            foreach (var door in Enum.GetValues<Door>())
            {
                data.Add("TRUNCATE queue, kind RESTART IDENTITY", door);
            }

            foreach (var sql in new[] { "TRUNCATE queue", "TRUNCATE kind", "DELETE FROM kind",
                "TRUNCATE queue RESTART IDENTITY; INSERT INTO queue(name) VALUES('another')", "TRUNCATE identity",
                "TRUNCATE flush, signal, upkeep_lease, error, gate" })
            {
                data.Add(sql, Door.Flush);
                data.Add(sql, Door.Within);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TablesAndDoors))]
    public async Task What_is_acknowledged_after_tables_were_emptied_is_found_by_every_process_and_runs(string emptied, Door door)
    {
        await PrepareAsync();
        var other = await OpenAsync();
        var elsewhere = await RegisterAsync(other);
        await elsewhere.EnqueueAsync(Some.Draft(queue: "elsewhere"));
        var before = Some.Draft(queue: "elsewhere");
        await _worker.EnqueueAsync(before);
        var flow = SomeFlow.Of("a", "b after a");
        await _worker.EnqueueAsync(flow);
        var adder = (await _worker.ClaimAsync()).ShouldHaveSingleItem();

        _ = await ExecuteAsync(_own, emptied);
        var acknowledged = await StoreAsync(door, adder);

        // A process that only claims hears of it at its next beat.
        await ClaimsAsync(elsewhere, other, acknowledged);
        if (!emptied.Contains("'another'", StringComparison.Ordinal))
        {
            (await elsewhere.ClaimAsync(20, "elsewhere")).Select(static c => c.Job.Id)
                .ShouldContain(before.Id, "what was stored before keeps its names");
        }

        (await _store.Browser.GetAsync([acknowledged], Token))[0]!.Kind.ShouldBe(Some.Kind);
    }

    [Fact]
    public async Task A_process_that_only_claims_puts_the_names_back_at_its_beat()
    {
        await PrepareAsync();
        var job = Some.Draft();
        await _worker.EnqueueAsync(job);
        _ = await ExecuteAsync(_own, "TRUNCATE queue, kind RESTART IDENTITY");

        await ClaimsAsync(_worker, _store, job.Id);
        _log.Lines.Count(static l => l.EventId == NamesGone).ShouldBe(1);
        (await _worker.EnqueueAsync(Some.Draft(kind: "burn-letters", queue: "new"))).Status
            .ShouldBe(EnqueueStatus.Stored, "new names get free numbers");
        (await ExecuteAsync(_own, "SELECT string_agg(name, ' ' ORDER BY id) FROM queue")).ShouldBe("default new");
    }

    [Fact]
    public async Task Workers_that_register_anew_after_their_table_was_emptied_are_never_taken_for_one_another()
    {
        await PrepareAsync();
        var other = await RegisterAsync(_store);
        var ids = new HashSet<WorkerId> { _worker.Id, other.Id };
        for (var i = 0; i < 5; i++)
        {
            _ = await ExecuteAsync(_own, "TRUNCATE worker RESTART IDENTITY");
            (await _worker.FlushAsync(enqueues: [new(Some.Draft(), false)])).WorkerGone.ShouldBeTrue();
            _worker = await RegisterAsync(_store);
            ids.Add(_worker.Id).ShouldBeTrue("a number of its own");
            (await other.FlushAsync(enqueues: [new(Some.Draft(), false)]))
                .ShouldSatisfyAllConditions(r => r.WorkerGone.ShouldBeTrue(), r => r.WasRepeat.ShouldBeFalse());
            (await _worker.FlushAsync(enqueues: [new(Some.Draft(), false)])).WasRepeat.ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_schema_that_was_dropped_and_made_anew_by_another_process_is_gone_on_with(bool byAnother)
    {
        await PrepareAsync();
        await _worker.EnqueueAsync(Some.Draft());
        _ = await ExecuteAsync(_own, $"DROP SCHEMA \"{Schema}\" CASCADE");
        if (byAnother)
        {
            var another = await OpenAsync();
            await (await RegisterAsync(another)).EnqueueAsync(Some.Draft(kind: "burn-letters", queue: "first"));
        }
        else
        {
            // Nothing is acknowledged meanwhile; the tables are made, which is this store's task.
            (await Should.ThrowAsync<StoreException>(async () => await _worker.FlushAsync(enqueues: [new(Some.Draft(), false)]))).Message
                .ShouldContain("Simmer's tables are missing");
        }

        var job = Some.Draft();
        var report = await _worker.FlushAsync(enqueues: [new(job, false)]);
        (report.WorkerGone, report.Enqueues[0].Status).ShouldBe((true, EnqueueStatus.Stored));
        _worker = await RegisterAsync(_store);

        var claim = (await _worker.ClaimAsync()).ShouldHaveSingleItem();
        (claim.Job.Id, claim.Job.Kind, claim.Job.Queue).ShouldBe((job.Id, Some.Kind, Some.Queue));
        _log.Lines.ShouldContain(static l => l.EventId == OtherDatabase);
        await using var transaction = await (await ConnectAsync()).BeginTransactionAsync(Token);
        (await _store.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token))[0].Status
            .ShouldBe(EnqueueStatus.Stored, "a caller's transaction is on the database of the store again");
        await transaction.CommitAsync(Token);
        (await _worker.ClaimAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Without_the_task_to_make_tables_a_schema_that_is_gone_refuses_clearly_and_is_used_when_it_is_back()
    {
        _ = await OpenAsync();
        _own = await ConnectAsync();
        _store = await OpenAsync(static o => o.Migrate = false, _log.CreateLogger("store"));
        _worker = await RegisterAsync(_store);
        _ = await ExecuteAsync(_own, $"DROP SCHEMA \"{Schema}\" CASCADE");

        for (var i = 0; i < 2; i++)
        {
            (await Should.ThrowAsync<StoreException>(async () => await _worker.FlushAsync(enqueues: [new(Some.Draft(), false)]))).Message
                .ShouldContain("Simmer's tables are missing");
        }

        (await ExecuteAsync(_own, $"SELECT to_regnamespace('\"{Schema}\"') IS NULL")).ShouldBe(true);
        await using var transaction = await _own.BeginTransactionAsync(Token);
        (await Should.ThrowAsync<StoreException>(async () => await _store
            .EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token))).Message.ShouldContain("Simmer's tables are missing");
        await transaction.RollbackAsync(Token);

        _ = await OpenAsync();
        (await _worker.FlushAsync(enqueues: [new(Some.Draft(), false)])).Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Fact]
    public async Task A_process_that_registers_after_its_schema_was_dropped_makes_the_tables_and_goes_on()
    {
        await PrepareAsync();
        _ = await ExecuteAsync(_own, $"DROP SCHEMA \"{Schema}\" CASCADE");

        _worker = await RegisterAsync(_store);

        var job = Some.Draft();
        (await _worker.EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
        (await _worker.ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(job.Id);
        _log.Lines.ShouldContain(static l => l.EventId == OtherDatabase);
    }

    [Theory]
    [InlineData("DROP TABLE worker CASCADE", "Simmer's tables are missing")]
    [InlineData("DROP TABLE identity", "Simmer's tables are missing")]
    [InlineData("CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER swallow BEFORE "
        + "INSERT ON worker FOR EACH ROW EXECUTE FUNCTION swallow()", "A worker could not be registered")]
    public async Task A_process_that_cannot_register_says_why_and_does_not_try_for_ever(string sql, string message)
    {
        await PrepareAsync();
        _ = await ExecuteAsync(_own, sql);

        (await Should.ThrowAsync<StoreException>(() => RegisterAsync(_store).AsTask().WaitAsync(s_patience, Token))).Message
            .ShouldContain(message);
    }

    [Fact]
    public async Task Without_the_task_to_make_tables_a_process_whose_schema_was_dropped_cannot_register_and_says_why()
    {
        _ = await OpenAsync();
        _own = await ConnectAsync();
        _store = await OpenAsync(static o => o.Migrate = false);
        _ = await ExecuteAsync(_own, $"DROP SCHEMA \"{Schema}\" CASCADE");

        (await Should.ThrowAsync<StoreException>(() => RegisterAsync(_store).AsTask().WaitAsync(s_patience, Token))).Message
            .ShouldContain("Simmer's tables are missing");
    }

    /// <summary>Beats and claims until a job comes.</summary>
    private static async Task ClaimsAsync(TestWorker worker, PostgresJobStore store, JobId job)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!(await worker.ClaimAsync(20)).Any(c => c.Job.Id == job))
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_patience, "it is not claimed");
            (await store.BeatAsync(new BeatRequest(worker.Id, []), Now, Token)).Alive.ShouldBeTrue();
            await Task.Delay(2, Token);
        }
    }

    private async Task PrepareAsync()
    {
        _store = await OpenAsync(logger: _log.CreateLogger("store"));
        _worker = await RegisterAsync(_store);
        _own = await ConnectAsync();
    }

    private async Task<JobId> StoreAsync(Door door, JobClaim adder)
    {
        var (job, beside, flow) = (Some.Draft(), Some.Draft(queue: "elsewhere"), SomeFlow.Of("x"));
        switch (door)
        {
            case Door.Flush:
                (await _worker.FlushAsync(enqueues: [new(job, false), new(beside, false)])).Enqueues
                    .ShouldAllBe(static e => e.Status == EnqueueStatus.Stored);
                return job.Id;
            case Door.Dispatch:
                var dispatched = (await _worker.FlushAsync(enqueues: [new(job, true)])).Enqueues[0];
                if (dispatched.Status == EnqueueStatus.Dispatched)
                {
                    (await _worker.GiveBackAsync(new LeaseToken(job.Id, 1))).ShouldBeTrue();
                }

                return job.Id;
            case Door.Several:
                (await _worker.FlushAsync(enqueues: [new(job, false, 1), new(beside, false, 1)])).Enqueues
                    .ShouldAllBe(static e => e.Status == EnqueueStatus.Stored);
                return job.Id;
            case Door.Apart:
                (await _worker.FlushApartAsync(enqueues: [new(job, false)])).Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
                return job.Id;
            case Door.Careful:
                _ = await ExecuteAsync(_own, "ALTER TABLE job ADD CONSTRAINT forbidden CHECK (rank <> ~13)");
                (await _worker.FlushAsync(enqueues: [new(Some.Draft(priority: 13), false), new(job, false)])).Enqueues[1].Status
                    .ShouldBe(EnqueueStatus.Stored);
                return job.Id;
            case Door.Workflow:
                (await _worker.EnqueueAsync(flow)).Status.ShouldBe(EnqueueStatus.Stored);
                return flow.Steps[0].Id;
            case Door.AddedStep:
                (await _worker.SettleAsync(Some.Settlement(adder.Token, step: adder.Job.Step, added: SomeFlow.Added("z")))).Settled
                    .ShouldBeTrue();
                return adder.Job.Step!.Workflow.Step(3);
            case Door.WorkerGone:
                _ = await ExecuteAsync(_own, $"DELETE FROM worker WHERE id = {_worker.Id.Value}");
                (await _worker.FlushAsync(enqueues: [new(job, false)])).Enqueues[0].Status.ShouldBe(EnqueueStatus.Stored);
                return job.Id;
            default:
                await using (var transaction = await _own.BeginTransactionAsync(Token))
                {
                    var status = door == Door.Within
                        ? (await _store.EnqueueWithinAsync(transaction, [job], Now, Token))[0].Status
                        : (await _store.EnqueueWorkflowWithinAsync(transaction, flow, Now, Token)).Status;
                    status.ShouldBe(EnqueueStatus.Stored);
                    await transaction.CommitAsync(Token);
                    return door == Door.Within ? job.Id : flow.Steps[0].Id;
                }
        }
    }
}
