using System.Data;
using Simmer.Postgres;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Postgres;

/// <summary>Progress stands beside the jobs' rows while they run, goes with them wherever they go, and is left nowhere.</summary>
public sealed class ProgressRows : PostgresTest
{
    private PostgresJobStore _store = null!;
    private TestWorker _worker = null!;

    public static TheoryData<string> Ends =>
        ["succeeded", "unkept", "failed", "tried again", "given back", "apart", "rescued", "deregistered"];

    public static TheoryData<IsolationLevel, bool> Within => new(
        from level in new[] { IsolationLevel.ReadCommitted, IsolationLevel.RepeatableRead, IsolationLevel.Serializable }
        from carries in new[] { true, false }
        select (level, carries));

    [Fact]
    public async Task Jobs_that_report_nothing_do_not_touch_the_table()
    {
        await StartAsync();
        var connection = await ConnectAsync();
        await using var other = await connection.BeginTransactionAsync(Token);
        _ = await ExecuteAsync(connection, "LOCK TABLE progress IN ACCESS EXCLUSIVE MODE");

        var flow = SomeFlow.Of("a", "b after a");
        _ = await _worker
            .FlushAsync(enqueues: [new(Some.Draft(), false), new(Some.Draft(), true), new(Some.Draft(), false), new(Some.Draft(), false)],
            workflows: [flow]);
        var claims = await _worker.ClaimAsync(10);
        claims.Count.ShouldBe(5);
        var report = await _worker.FlushAsync(
            settlements: [Some.Settlement(claims[0].Token), Some.Settlement(claims[1].Token, keepFor: TimeSpan.Zero),
                Some.Settlement(claims[2].Token, JobState.Scheduled, error: Some.Error()), Step(claims[4])],
            giveBacks: [claims[3].Token]);

        report.Blocked.IsEmpty.ShouldBeTrue();
        report.Settlements.ShouldAllBe(static s => s.Settled);
        report.GiveBacks.ShouldBe([true]);

        static Settlement Step(JobClaim claim) =>
            new() { Token = claim.Token, State = JobState.Succeeded, Step = claim.Job.Step, KeepFor = Some.Day };
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task What_was_reported_goes_with_the_job_when_its_run_ends_and_the_version_only_grows(string end)
    {
        await StartAsync();
        var (claim, shown) = await ReportedAsync();

        await EndAsync(end, claim.Token);

        (await RowsAsync()).ShouldBe(0);
        var record = (await _store.Browser.GetAsync([claim.Job.Id], Token))[0];
        if (end == "unkept")
        {
            record.ShouldBeNull();
            return;
        }

        (record!.Progress, record.ProgressText, record.Stuck).ShouldBe((0.5, "half", false));
        record.Version.ShouldBeGreaterThan(shown);
        (await _store.Browser.VersionsAsync([claim.Job.Id], Token))[0].ShouldBe(record.State.IsFinal() ? null : record.Version);
    }

    [Theory]
    [InlineData("error", "INSERT", "NEW.message = 'bad'")]
    [InlineData("job", "UPDATE", "NEW.progress_text = 'half'")]
    [InlineData("progress", "DELETE", "true")]
    public async Task Where_the_database_refuses_to_take_it_along_the_end_is_stored_and_seen_all_the_same(string table, string change,
        string when)
    {
        await StartAsync();
        var (claim, shown) = await ReportedAsync();
        var connection = await ConnectAsync();
        _ = await ExecuteAsync(connection, $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE {change} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()
            """);

        (await _worker.SettleAsync(Some.Settlement(claim.Token, JobState.Failed, error: Some.Error(message: "bad"))))
            .ShouldBe(new SettleReport(true, JobState.Failed));

        (await GetAsync(claim)).Version.ShouldBeGreaterThan(shown, "or whoever waits takes it for seen");
        _ = await ExecuteAsync(connection, $"DROP TRIGGER refuse ON {table}");
        _ = await _store.PruneAsync(10, Now, Token);
        (await RowsAsync()).ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Within))]
    public async Task An_end_in_a_transaction_whose_snapshot_is_older_than_the_last_report_has_it_all_the_same(IsolationLevel level,
        bool carries)
    {
        await StartAsync();
        var claim = await _worker.StartAsync(Some.Draft());
        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.25, "a quarter", false)]);
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(level, Token);
        _ = await ExecuteAsync(connection, "SELECT 1 FROM progress");
        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.5, "half", false)]);
        var shown = (await GetAsync(claim)).Version;

        var settlement = new Settlement { Token = claim.Token, State = JobState.Succeeded, KeepFor = Some.Day,
            Progress = carries ? new(claim.Token, 0.75, null, false) : null };
        (await _store.SettleWithinAsync(transaction, _worker.Id, settlement, Now, Token))
            .ShouldBe(new SettleReport(true, JobState.Succeeded));
        (await GetAsync(claim)).Progress.ShouldBe(0.5, "it is not committed");
        await transaction.CommitAsync(Token);

        (await GetAsync(claim)).ShouldSatisfyAllConditions(
            j => j.State.ShouldBe(JobState.Succeeded), j => j.Progress.ShouldBe(carries ? 0.75 : 0.5), static j =>
                j.ProgressText.ShouldBe("half"), j => j.Version.ShouldBeGreaterThan(shown));
        _ = await _store.PruneAsync(10, Now, Token);
        (await RowsAsync()).ShouldBe(0);
        (await GetAsync(claim)).Progress.ShouldBe(carries ? 0.75 : 0.5);
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task Rolled_back_the_run_goes_on_reporting(IsolationLevel level)
    {
        await StartAsync();
        var (claim, _) = await ReportedAsync();
        var connection = await ConnectAsync();
        await using (var transaction = await connection.BeginTransactionAsync(level, Token))
        {
            _ = await _store.SettleWithinAsync(transaction, _worker.Id, Some.Settlement(claim.Token), Now, Token);
            await transaction.RollbackAsync(Token);
        }

        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.75, null, false)]);
        (await GetAsync(claim)).ShouldSatisfyAllConditions(static j => j.Progress.ShouldBe(0.75),
            static j => j.ProgressText.ShouldBe("half"));
        (await _worker.SettleAsync(claim, JobState.Failed)).Settled.ShouldBeTrue();

        (await GetAsync(claim)).Progress.ShouldBe(0.75);
        (await RowsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_serializable_transaction_is_left_as_it_was_found()
    {
        await StartAsync();
        var claim = await _worker.StartAsync(Some.Draft());
        var connection = await ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, Token);
        (await _store.SettleWithinAsync(transaction, _worker.Id, Some.Settlement(claim.Token), Now, Token)).Settled.ShouldBeTrue();

        (await ExecuteAsync(connection, "SHOW enable_seqscan")).ShouldBe("on");
    }

    [Fact]
    public async Task What_a_run_left_behind_is_not_shown_for_the_next_one_and_goes_with_the_upkeep()
    {
        await StartAsync();
        var (claim, _) = await ReportedAsync();
        var connection = await ConnectAsync();

        // A version that knows of no such table takes the job back.
        _ = await ExecuteAsync(connection,
            "UPDATE job SET state = 3, owner = NULL, ready_at = 1, forgiven = forgiven + 1, version = version + 1");
        (await GetAsync(claim)).ShouldSatisfyAllConditions(static j => j.State.ShouldBe(JobState.Ready),
            static j => j.Progress.ShouldBe(0.5), static j => j.Stuck.ShouldBeFalse());
        var other = await RegisterAsync(await OpenAsync());
        var again = (await other.ClaimAsync()).ShouldHaveSingleItem();
        (await GetAsync(claim)).ShouldSatisfyAllConditions(static j => j.Run.ShouldBe(2), static j => j.Progress.ShouldBeNull(),
            static j => j.Stuck.ShouldBeFalse());
        _ = await _store.PruneAsync(10, Now, Token);
        (await RowsAsync()).ShouldBe(0);

        _ = await other.FlushAsync(progress: [new(again.Token, 0.1, null, false)]);
        _ = await _store.PruneAsync(10, Now, Token);
        (await GetAsync(claim)).Progress.ShouldBe(0.1, "of a run that goes on nothing is taken away");
    }

    [Fact]
    public async Task Jobs_and_workflows_that_are_deleted_leave_nothing()
    {
        await StartAsync();
        var connection = await ConnectAsync();
        var flow = SomeFlow.Of("a", "b after a");
        var job = Some.Draft();
        _ = await _worker.FlushAsync(enqueues: [new(job, false)], workflows: [flow]);
        _ = await ExecuteAsync(connection, "INSERT INTO progress(job, run, notes, stuck) SELECT id, run, 1, false FROM job");

        (await _store.DeleteAsync([job.Id], Now, Token)).ShouldBe(1);
        (await _store.DeleteWorkflowAsync(flow.Id, Now, Token)).ShouldBe(DeleteResult.Deleted);

        (await RowsAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task The_view_and_the_versions_of_workflows_tell_of_it()
    {
        await StartAsync();
        var flow = SomeFlow.Of("a", "b after a");
        _ = await _worker.EnqueueAsync(flow);
        var claim = (await _worker.ClaimAsync()).ShouldHaveSingleItem();
        var before = (await _store.Browser.WorkflowVersionsAsync([flow.Id], true, Token))[0];

        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.5, "half", false)]);

        var flowNow = (await _store.Browser.WorkflowAsync(flow.Id, true, Token))!;
        flowNow.Progress.ShouldBe(0.25);
        flowNow.Version.ShouldBe(before!.Value + 1);
        (await _store.Browser.WorkflowVersionsAsync([flow.Id], true, Token))[0].ShouldBe(before + 1);
        (await _store.Browser.StepsAsync(flow.Id, null, Token))[0].Job.ProgressText.ShouldBe("half");
        (await ExecuteAsync(await ConnectAsync(), $"SELECT progress || progress_text FROM jobs WHERE id = '{claim.Job.Id}'"))
            .ShouldBe("0.5half");
    }

    [Fact]
    public async Task Whoever_may_use_the_other_tables_may_use_this_one()
    {
        var connection = await ConnectAsync();
        var role = $"app_{Guid.NewGuid():N}";
        var script = PostgresSchema.Script(Schema);
        var at = script.IndexOf($"CREATE TABLE \"{Schema}\".progress(", StringComparison.Ordinal);
        foreach (var text in new[] { script[..at], $"CREATE ROLE {role}; GRANT SELECT, UPDATE ON ALL TABLES IN SCHEMA {Schema} TO {role}",
            script[at..] })
        {
            _ = await ExecuteAsync(connection, text);
        }

        try
        {
            (await ExecuteAsync(connection,
                $"SELECT has_table_privilege('{role}', 'progress', 'SELECT, UPDATE') AND NOT has_table_privilege('{role}', 'progress', "
                + "'DELETE')")).ShouldBe(true);
        }
        finally
        {
            _ = await ExecuteAsync(connection, $"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    private async Task StartAsync()
    {
        _store = await OpenAsync();
        _worker = await RegisterAsync(_store);
    }

    private async Task<(JobClaim Claim, long Version)> ReportedAsync()
    {
        var claim = await _worker.StartAsync(Some.Draft());
        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.25, "half", false)]);
        _ = await _worker.FlushAsync(progress: [new(claim.Token, 0.5, null, true)]);
        var record = await GetAsync(claim);
        (record.Progress, record.ProgressText, record.Stuck).ShouldBe((0.5, "half", true));
        record.Version.ShouldBeGreaterThan(2);
        return (claim, record.Version);
    }

    private async Task EndAsync(string end, LeaseToken token)
    {
        switch (end)
        {
            case "given back":
                (await _worker.GiveBackAsync(token)).ShouldBeTrue();
                break;
            case "apart":
                (await _worker.FlushApartAsync(settlements: [Some.Settlement(token)])).Settlements[0].Settled.ShouldBeTrue();
                break;
            case "rescued":
                (await _store.RescueAsync(new RescueRequest([(_worker.Id, 0)], Some.Lease, false), Now + Some.Lease,
                    Token)).Rescued.ShouldBe([token.Id]);
                break;
            case "deregistered":
                await _store.DeregisterAsync(_worker.Id, Now, Token);
                break;
            default:
                var state = end switch { "failed" => JobState.Failed, "tried again" => JobState.Scheduled, _ => JobState.Succeeded };
                (await _worker.SettleAsync(Some
                    .Settlement(token, state, keepFor: end == "unkept" ? TimeSpan.Zero : null,
                    error: end is "failed" or "tried again" ? Some.Error() : null))).Settled.ShouldBeTrue();
                break;
        }
    }

    private async Task<JobRecord> GetAsync(JobClaim claim) => (await _store.Browser.GetAsync([claim.Job.Id], Token))[0]!;

    private async Task<long> RowsAsync() => (long)(await ExecuteAsync(await ConnectAsync(), "SELECT count(*) FROM progress"))!;
}
