using Npgsql;
using Simmer.Storage;
using Simmer.StoreTests.Workflows;

namespace Simmer.StoreTests.Damage;

/// <summary>The place of steps and gates in their workflow cannot be read any more, so it is not known which steps come after
/// them.</summary>
public abstract class DamagedSteps<TFactory> : WorkflowTest<TFactory>
    where TFactory : ITransactionalStoreFactory, new()
{
    public static TheoryData<string> Bytes => ["", "010203", "ff", "00ffffffffffffffffffffff"];

    [Theory]
    [MemberData(nameof(Bytes))]
    public async Task A_ready_step_is_set_aside_with_the_reason_and_deleted_it_frees_those_that_wait_for_it(string bytes)
    {
        await StoreAsync("a", "b after a", "c after b", "d", "e after d");
        await EndAsync("a");
        var b = await DamageAsync("b", bytes);
        await EndAllAsync("d", "e");

        var aside = await GetAsync(b);
        (aside.State, aside.Errors[^1].Type).ShouldBe((JobState.Scheduled, ErrorTypes.Unreadable));
        aside.Reason.ShouldNotBeNull().ShouldContain("its row cannot be read: step");
        (await StepsAsync()).Single(s => s.Job.Id == b)
            .ShouldSatisfyAllConditions(s => s.Job.Reason.ShouldBe(aside.Reason), s => s.Step.IsDamaged.ShouldBeTrue());
        (await StatesAsync()).ShouldBe("Running: a Succeeded, (damaged) Scheduled, c Waiting, d Succeeded, e Succeeded");

        (await Store.DeleteAsync([b], Now, Token)).ShouldBe(1);

        (await StatesAsync()).ShouldBe("Cancelled: a Succeeded, (damaged) Cancelled, c Skipped, d Succeeded, e Succeeded");
        (await GetAsync(b)).Reason.ShouldNotBeNull();
        (await RetryAsync(b)).Status.ShouldBe(RetryStatus.NotRetryable);
        (await RetryFlowAsync()).Status.ShouldBe(RetryStatus.NotRetryable);
        Pass(SomeFlow.KeepFailed);
        _ = await PruneAsync();
        (await FindAsync(b)).ShouldBeNull();
    }

    [Fact]
    public async Task What_had_succeeded_is_undone_and_the_damaged_step_is_not()
    {
        await StoreAsync("a undone", "b after a undone", "c after b undone", "on-failure", "finally");
        await EndAsync("a");
        var b = await DamageAsync("b");

        (await Store.DeleteAsync([b], Now, Token)).ShouldBe(1);

        (await StatesAsync())
            .ShouldBe("Running: a Succeeded, (damaged) Cancelled, c Skipped, c/undo Skipped, b/undo Skipped, a/undo Ready, on-failure "
            + "Waiting, finally Waiting");
        await EndAllAsync("a/undo", "on-failure", "finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
    }

    [Fact]
    public async Task A_damaged_undo_step_deleted_lets_the_next_ones_go_on()
    {
        await StoreAsync("a undone", "b after a undone", "c after b", "finally");
        await EndAllAsync("a", "b");
        await FailAsync("c");
        var undo = await DamageAsync("b/undo");
        (await StateOfAsync(undo)).ShouldBe(JobState.Scheduled);

        (await Store.DeleteAsync([undo], Now, Token)).ShouldBe(1);

        await EndAllAsync("a/undo", "finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Failed);
    }

    [Fact]
    public async Task The_end_of_the_step_before_a_damaged_one_is_stored()
    {
        await StoreAsync("a", "b after a", "c after b");
        var b = await DamageAsync("b");

        await EndAsync("a");

        _ = await Worker.ClaimAsync(10);
        (await GetAsync(b)).ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Scheduled),
            j => j.Reason.ShouldNotBeNull().ShouldContain("cannot be read"));
        (await CancelAsync(b)).Result.ShouldBe(CancelResult.Cancelled);
        (await StatesAsync()).ShouldBe("Cancelled: a Succeeded, (damaged) Cancelled, c Skipped");
    }

    [Fact]
    public async Task After_a_failure_a_damaged_step_waits_visibly_until_an_operator_ends_it()
    {
        await StoreAsync("a", "b after a on AnyFailed", "c after b");
        var b = await DamageAsync("b");

        await FailAsync("a");

        (await GetAsync(b)).ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Waiting),
            j => j.Reason.ShouldNotBeNull().ShouldContain("cannot be read"));
        (await Store.DeleteAsync([b], Now, Token)).ShouldBe(1);
        (await StatesAsync()).ShouldBe("Failed: a Failed, (damaged) Cancelled, c Skipped");
    }

    [Fact]
    public async Task Cancelling_the_workflow_brings_it_to_its_end()
    {
        await StoreAsync("a undone", "b after a", "c after b", "finally");
        await EndAsync("a");
        _ = await DamageAsync("b");

        (await CancelFlowAsync()).Result.ShouldBe(CancelResult.Cancelled);

        await EndAllAsync("a/undo", "finally");
        (await StatesAsync()).ShouldBe("Cancelled: a Succeeded, (damaged) Cancelled, c Cancelled, a/undo Succeeded, finally Succeeded");
    }

    [Fact]
    public async Task Cancelling_a_workflow_of_which_a_row_was_taken_away_brings_it_to_its_end()
    {
        await StoreAsync("a", "b after a", "c after b", "finally");
        await EndAsync("a");
        await ExecuteAsync($"DELETE FROM {{0}}job WHERE id = {Literal(await IdOfAsync("b"))}");

        _ = await CancelFlowAsync();

        await EndAsync("finally");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
    }

    [Fact]
    public async Task A_damaged_step_that_expires_frees_those_that_wait_for_it()
    {
        var flow = new Workflow();
        var a = flow.Add("a", new Letter { ExpiresAt = Now + TimeSpan.FromMinutes(1) });
        _ = flow.Add("b", new Letter()).After(a);
        await StoreAsync(flow);
        _ = await DamageAsync("a");
        Pass(TimeSpan.FromMinutes(1));

        _ = await PruneAsync();

        (await StatesAsync()).ShouldBe("Cancelled: (damaged) Cancelled, b Skipped");
    }

    [Fact]
    public async Task One_that_is_damaged_while_it_runs_ends_as_its_handler_says()
    {
        await StoreAsync("a", "b after a", "c after b");
        await EndAsync("a");
        var claim = await ClaimAsync("b");
        var b = await DamageAsync("b");

        (await Store.ClaimsOfAsync(Worker.Id, Token)).Unreadable.ShouldBe([claim.Token]);
        (await StateOfAsync(b)).ShouldBe(JobState.Running);
        (await Worker.SettleAsync(End(claim))).ShouldBe(new SettleReport(true, JobState.Succeeded));

        await EndAsync("c");
        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Succeeded);
    }

    [Fact]
    public async Task One_whose_worker_dies_after_its_cancel_frees_those_that_wait_for_it()
    {
        await StoreAsync("a", "b after a", "finally");
        var dying = await NewWorkerAsync();
        (await dying.ClaimAsync()).ShouldHaveSingleItem();
        var a = await DamageAsync("a");
        _ = await CancelAsync(a);

        _ = await KillAsync(dying);

        await EndAsync("finally");
        (await StatesAsync()).ShouldBe("Cancelled: (damaged) Cancelled, b Skipped, finally Succeeded");
    }

    [Fact]
    public async Task One_whose_worker_dies_is_set_aside_with_the_reason()
    {
        await StoreAsync("a", "b after a");
        var dying = await NewWorkerAsync();
        (await dying.ClaimAsync()).ShouldHaveSingleItem();
        var a = await DamageAsync("a");

        _ = await KillAsync(dying);

        _ = await Worker.ClaimAsync(maySuspect: true);
        (await GetAsync(a)).ShouldSatisfyAllConditions(j => j.State.ShouldBe(JobState.Scheduled),
            j => j.Reason.ShouldNotBeNull().ShouldContain("cannot be read"));
    }

    [Fact]
    public async Task With_two_of_them_those_that_wait_are_freed_by_the_end_of_the_second()
    {
        await StoreAsync("a", "b after a", "c", "d after c", "e after b d");
        var (a, c) = (await DamageAsync("a"), await DamageAsync("c"));

        (await Store.DeleteAsync([a], Now, Token)).ShouldBe(1);
        (await StatesAsync()).ShouldStartWith("Running: (damaged) Cancelled, b Waiting, ");
        (await StatesAsync()).ShouldEndWith(", d Waiting, e Waiting");

        (await Store.DeleteAsync([c], Now, Token)).ShouldBe(1);
        (await StatesAsync()).ShouldBe("Cancelled: (damaged) Cancelled, b Skipped, (damaged) Cancelled, d Skipped, e Skipped");
    }

    [Theory]
    [InlineData(JobState.Succeeded, "Succeeded: a Succeeded, b Succeeded, on-failure Skipped, finally Succeeded")]
    [InlineData(JobState.Failed, "Failed: a Succeeded, b Failed, on-failure Succeeded, finally Succeeded")]
    public async Task A_damaged_gate_opens_as_its_parents_end(JobState end, string states)
    {
        await StoreAsync("a", "b after a", "on-failure", "finally");
        await ExecuteAsync("UPDATE {0}gate SET next = " + Literal("ff"));

        await EndAsync("a");
        await EndAsync("b", end);

        if (end == JobState.Failed)
        {
            await EndAsync("on-failure");
        }

        await EndAsync("finally");
        (await StatesAsync()).ShouldBe(states);
    }

    [Theory]
    [InlineData("tags", "'urgent'")]
    [InlineData("enqueued_at", "9223372036854775807")]
    [InlineData("kind", "77")]
    public async Task A_step_of_which_something_else_is_damaged_frees_those_that_wait_for_it_too(string column, string value)
    {
        await StoreAsync("a", "b after a", "c");
        var a = await IdOfAsync("a");
        await ExecuteAsync($"UPDATE {{0}}job SET {column} = {value} WHERE id = {Literal(a)}");
        await EndAsync("c");

        (await Store.DeleteAsync([a, await IdOfAsync("b")], Now, Token)).ShouldBe(1, "a step that can be read stays");

        (await WorkflowAsync()).State.ShouldBe(WorkflowState.Cancelled);
        (await StateOfAsync(await IdOfAsync("b"))).ShouldBe(JobState.Skipped);
    }

    /// <summary>Damages a step's place in the workflow, and lets a worker meet it.</summary>
    private async Task<JobId> DamageAsync(string step, string bytes = "010203")
    {
        var id = await IdOfAsync(step);
        await ExecuteAsync($"UPDATE {{0}}job SET step = {Literal(bytes)} WHERE id = {Literal(id)}");
        if (await StateOfAsync(id) == JobState.Ready)
        {
            foreach (var claim in await Worker.ClaimAsync(10))
            {
                (await Worker.GiveBackAsync(claim.Token)).ShouldBeTrue();
            }
        }

        return id;
    }

    private string Literal(JobId id) => IsPostgres ? $"'{id.Value}'" : $"X'{id.Value:N}'";

    private string Literal(string hex) => IsPostgres ? $"'\\x{hex}'" : $"X'{hex}'";

    private bool IsPostgres => Store.Name == "postgres";

    private async Task ExecuteAsync(string text)
    {
        await using var connection = await Factory.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = string
            .Format(System.Globalization.CultureInfo.InvariantCulture, text, connection is NpgsqlConnection ? "" : "simmer_");
        (await command.ExecuteNonQueryAsync(Token)).ShouldBeGreaterThan(0);
    }
}
