using Simmer.Storage;

namespace Simmer.StoreTests.Damage;

/// <summary>One job whose row holds something that no version of the store writes, in a store where others come and go.</summary>
/// <param name="store">The store.</param>
/// <param name="execute">Executes a statement on another connection; false: the database refused it.</param>
/// <param name="prefix">The prefix of the names of the tables.</param>
internal sealed class Damaged(IJobStore store, Func<string, Task<bool>> execute, string prefix)
{
    private static readonly DateTimeOffset s_now = Some.Moment;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A ready job is damaged. The others go on, it is shown with the reason, and it can be deleted.</summary>
    /// <returns>False if the database refused the value.</returns>
    public async Task<bool> WhileReadyAsync(TestWorker worker, string column, string value)
    {
        var bad = Some.Draft(tags: ["letters"]);
        (await worker.EnqueueAsync(bad)).Status.ShouldBe(EnqueueStatus.Stored);
        if (!await execute($"UPDATE {prefix}job SET {column} = {value}"))
        {
            await CleanAsync();
            return false;
        }

        await OthersGoOnAsync(worker);
        await ShowAndDeleteAsync(bad.Id, column);
        await CleanAsync();
        return true;
    }

    /// <summary>The due time of a scheduled job is damaged. The question when the next job is due is answered all the same, and the others
    /// go on.</summary>
    public async Task WhileScheduledAsync(TestWorker worker, string value)
    {
        var bad = Some.Draft(dueAt: s_now + Some.Day);
        (await worker.EnqueueAsync(bad)).Status.ShouldBe(EnqueueStatus.Stored);
        if (await execute($"UPDATE {prefix}job SET due_at = {value}"))
        {
            await OthersGoOnAsync(worker);
            await ShowAndDeleteAsync(bad.Id, "due_at");
        }

        await CleanAsync();
    }

    /// <summary>A ready job has a number that no job can have. It does not run with it, but is set aside with the reason.</summary>
    public async Task IsSetAsideAsync(TestWorker worker, string column, string value)
    {
        var bad = Some.Draft();
        (await worker.EnqueueAsync(bad)).Status.ShouldBe(EnqueueStatus.Stored);
        (await execute($"UPDATE {prefix}job SET {column} = {value}")).ShouldBeTrue();

        var report = await worker.FlushAsync(claims: [new ClaimRequest(Some.Queue, 5)]);

        report.Claims.ShouldBeEmpty();
        report.SetAside.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(s => s.Job.ShouldBe(bad.Id.ToString()), s => s.Reason.ShouldContain(column));
    }

    /// <summary>A job is damaged while it runs, and its worker dies.</summary>
    public async Task WhileRunningAsync(TestWorker worker, string column, string value)
    {
        var dying = await RegisterAsync();
        var bad = await dying.StartAsync(Some.Draft());
        if (await execute($"UPDATE {prefix}job SET {column} = {value}"))
        {
            _ = await store.ClaimsOfAsync(dying.Id, Token);
            await OthersGoOnAsync(worker);
            _ = await store.RescueAsync(new RescueRequest([(dying.Id, 0)], Some.Lease, true), s_now + Some.Lease, Token);
            await OthersGoOnAsync(worker);
            await ShowAndDeleteAsync(bad.Job.Id, column);
        }

        await CleanAsync();
    }

    /// <summary>Every row of a table is damaged, whatever it is for.</summary>
    public async Task InAnyTableAsync(TestWorker worker, string table, string column, string value)
    {
        var dying = await RegisterAsync();
        var failed = await dying.StartAsync(Some.Draft());
        await dying.SettleAsync(Some
            .Settlement(failed.Token, JobState.Failed, error: Some.Error(), reason: "no ink", result: "{}"u8.ToArray(),
            keepFor: TimeSpan.FromMinutes(1)));
        var running = await dying.StartAsync(Some.Draft());
        _ = await dying.FlushAsync(progress: [new ProgressNote(running.Token, 0.5, "half", false)]);
        _ = await store.CancelAsync([running.Job.Id], "not wanted", s_now, Token);
        var flow = Workflows.SomeFlow.Of("a", "b after a", "c after a");
        _ = await dying.EnqueueAsync(flow);
        _ = await store.TryTakeUpkeepLeaseAsync("watch", dying.Id, TimeSpan.FromMinutes(1), s_now, Token);
        if (await execute($"UPDATE {prefix}{table} SET {column} = {value}"))
        {
            await OthersGoOnAsync(worker, takesAll: false);
            _ = await store.Browser.WorkflowAsync(flow.Id, true, Token);
            _ = await store.Browser.StepsAsync(flow.Id, null, Token);
            _ = await store.Browser.GetAsync([failed.Job.Id, running.Job.Id], Token);
            if (table == "progress")
            {
                _ = await dying.FlushAsync(progress: [new ProgressNote(running.Token, 0.75, null, true)]);
                (await dying.SettleAsync(Some.Settlement(running.Token))).Settled.ShouldBeTrue($"{column} = {value}");
            }

            _ = await store.DeleteWorkflowAsync(flow.Id, s_now, Token);
            _ = await store.PruneAsync(100, s_now + TimeSpan.FromMinutes(2), Token);
            await OthersGoOnAsync(worker, takesAll: false);
        }

        await CleanAsync();
        foreach (var other in new[] { "workflow", "gate", "hold", "signal" })
        {
            _ = await execute($"DELETE FROM {prefix}{other}");
        }

        _ = await execute($"DELETE FROM {prefix}worker WHERE id <> {worker.Id.Value}");
    }

    private async Task<TestWorker> RegisterAsync() =>
        new(store, await store.RegisterAsync(new WorkerInfo("dying", [Some.Queue], []), s_now, Token), static () => s_now);

    /// <summary>Enqueues, claims and ends jobs in two queues, and does everything else that a process does.</summary>
    private async Task OthersGoOnAsync(TestWorker worker, bool takesAll = true)
    {
        JobDraft[] good = [Some.Draft(), Some.Draft(queue: "other"), Some.Draft()];
        (await worker.EnqueueAllAsync(good)).ShouldAllBe(static r => r.Status == EnqueueStatus.Stored);
        _ = await store.BeatAsync(new BeatRequest(worker.Id, []), s_now, Token);
        _ = await store.PollAsync(worker.Id, s_now, Token);
        var ended = new HashSet<JobId>();
        for (var look = 0; look < 6 && !good.All(g => ended.Contains(g.Id)); look++)
        {
            var claims = (await worker
                .FlushAsync(claims: [new ClaimRequest(Some.Queue, 5), new ClaimRequest("other", 5)], maySuspect: true)).Claims;
            var report = await worker.FlushAsync(settlements: [.. claims.Select(static c => Some.Settlement(c.Token))]);
            ended.UnionWith(claims.Where((_, i) => report.Settlements[i].Settled).Select(static c => c.Job.Id));
        }

        good.ShouldAllBe(g => ended.Contains(g.Id));
        _ = await store.ClaimsOfAsync(worker.Id, Token);
        _ = await store.PromoteDueAsync(100, s_now, Token);
        _ = await store.PruneAsync(100, s_now, Token);
        _ = await store.RescueAsync(new RescueRequest([], Some.Lease, takesAll), s_now, Token);
        _ = await store.Browser.CountAsync(Token);
        _ = await store.Browser.QueuesAsync(Token);
        _ = await store.Browser.WorkersAsync(s_now, Token);
        _ = await store.Browser.ListAsync(new JobQuery { Tag = "letters" }, Token);
        _ = await store.DeleteAsync([.. good.Select(static g => g.Id)], s_now, Token);
    }

    private async Task ShowAndDeleteAsync(JobId id, string column)
    {
        var record = (await store.Browser.GetAsync([id], Token))[0] ?? (await store.Browser.ListAsync(new JobQuery(), Token))
            .SingleOrDefault();
        if (record is null || record.State.IsFinal())
        {
            // The job may have run, if the value means something to it.
            (record is not null || column is "id").ShouldBeTrue("it was kept");
            return;
        }

        (record.Reason?.Contains("cannot be read", StringComparison.Ordinal) == true || record.Errors
            .Any(static e => e.Type is ErrorTypes.Unreadable or ErrorTypes.LeaseLost)
            || column is "state" or "due_at" or "queue" or "kind" or "owner" or "rank")
            .ShouldBeTrue($"the reason is shown: {record}");
        if (record.State != JobState.Running)
        {
            (await store.DeleteAsync([record.Id], s_now, Token)).ShouldBe(1, $"an operator can delete it: {record}");
            (await store.Browser.ListAsync(new JobQuery(), Token)).ShouldBeEmpty();
        }
    }

    private async Task CleanAsync()
    {
        foreach (var table in new[] { "job", "history", "error" })
        {
            (await execute($"DELETE FROM {prefix}{table}")).ShouldBeTrue();
        }
    }
}
