using System.Data;
using Npgsql;
using Simmer.Postgres;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>A job's id is used again while the job ends: the second insert has begun, and has not reached the job's row when the end is
/// committed.</summary>
[Trait("Rule", "1")]
public sealed class RepeatedIds : PostgresTest
{
    // A trigger that waits before the row comes to its index, while the statement has its snapshot already.
    private const string StopsSql = """
        CREATE SEQUENCE stopped;
        CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout = 0 AS $$
          BEGIN
            IF NEW.forgiven = 0 AND NOT pg_try_advisory_xact_lock_shared(hashtextextended(NEW.id::text, 0)) THEN
              PERFORM nextval('stopped');
              PERFORM pg_advisory_xact_lock_shared(hashtextextended(NEW.id::text, 0));
            END IF;
            RETURN NEW;
          END $$;
        CREATE TRIGGER wait BEFORE INSERT ON job FOR EACH ROW EXECUTE FUNCTION wait();
        """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly JobDraft _job = Some.Draft(id: Some.Id());

    private PostgresJobStore _store = null!;
    private PostgresJobStore _other = null!;
    private TestWorker _worker = null!;
    private TestWorker _ender = null!;
    private NpgsqlConnection _stops = null!;
    private JobClaim? _claim;

    public enum Door
    {
        Flush,
        Dispatch,
        ManyAtOnce,
        Apart,
        Careful,
        WorkerGone,
        Within,
        WithinRepeatableRead,
        WithinSerializable,
    }

    public enum End
    {
        Succeeds,
        FailsWithAnError,
        SettledWithin,
        Expires,
        IsCancelled,
        IsCancelledByRescue,
        EndsRetriedAndEndsAgain,
    }

    public static TheoryData<Door, End> DoorsAndEnds => [.. 
        from door in Enum.GetValues<Door>() from end in Enum.GetValues<End>() where door is Door.Flush or Door.WithinRepeatableRead
            || end is End.Succeeds or End.SettledWithin select (door, end)];

    [Theory]
    [MemberData(nameof(DoorsAndEnds))]
    public async Task A_job_that_ends_while_its_id_is_given_again_is_not_stored_a_second_time(Door door, End end)
    {
        await PrepareAsync(end);
        await StopAsync(_job.Id);
        var repeat = RepeatAsync(door);
        await StoppedAsync(1);
        var state = await EndAsync(end);
        await GoOnAsync(_job.Id);

        (await repeat).ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, _job.Id, state));

        (await CountAsync($"job WHERE id = '{_job.Id}'")).ShouldBe(0);
        (await CountAsync($"history WHERE id = '{_job.Id}'")).ShouldBe(1);
        (await _ender.ClaimAsync(10)).ShouldNotContain(c => c.Job.Id == _job.Id);
        (await _worker.EnqueueAsync(_job)).Status.ShouldBe(EnqueueStatus.Duplicate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_kept_no_longer_frees_its_id(bool isPruned)
    {
        await PrepareAsync(End.Succeeds);
        await StopAsync(_job.Id);
        var repeat = RepeatAsync(Door.Flush);
        await StoppedAsync(1);
        await _ender.SettleAsync(_claim!, JobState.Succeeded, isPruned ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
        if (isPruned)
        {
            await _other.PruneAsync(10, Now.AddMinutes(2), Token);
        }

        await GoOnAsync(_job.Id);

        (await repeat).ShouldBe(new EnqueueReport(EnqueueStatus.Stored, _job.Id, JobState.Ready));
        (await _ender.ClaimAsync(10)).Single(c => c.Job.Id == _job.Id).Run.ShouldBe(1);
    }

    [Fact]
    public async Task An_operator_who_takes_it_out_of_the_history_while_the_repeat_is_under_way_is_first_or_last_and_it_is_there_once()
    {
        await PrepareAsync(End.FailsWithAnError);
        var neighbour = Some.Draft(id: Some.Id());
        await StopAsync(_job.Id, neighbour.Id);
        var flush = _worker.FlushAsync(enqueues: [new(_job, false), new(neighbour, false)]).AsTask();
        await StoppedAsync(1);
        await EndAsync(End.FailsWithAnError);
        await GoOnAsync(_job.Id);
        await StoppedAsync(2);
        var retry = _other.RetryAsync([_job.Id], Now, Token).AsTask();
        retry.IsCompleted.ShouldBeFalse("the repeat's row is in the way");
        await GoOnAsync(neighbour.Id);

        (await flush).Enqueues.Select(static e => e.Status).ShouldBe([EnqueueStatus.Duplicate, EnqueueStatus.Stored]);
        (await retry)[0].Status.ShouldBe(RetryStatus.Retried);
        (await CountAsync($"job WHERE id = '{_job.Id}'"), await CountAsync($"history WHERE id = '{_job.Id}'")).ShouldBe((1, 0));
    }

    [Fact]
    public async Task What_was_taken_back_is_neither_dispatched_nor_claimed_nor_told_of_and_its_neighbours_are()
    {
        await PrepareAsync(End.Succeeds);
        var (plain, low) = (Some.Draft(), Some.Draft(priority: -5));
        await StopAsync(_job.Id);
        var flush = _worker.FlushAsync(enqueues: [new(_job, true), new(plain, true), new(_job, false), new(low, false)],
            claims: [new ClaimRequest(Some.Queue, 10)]).AsTask();
        await StoppedAsync(1);
        await EndAsync(End.Succeeds);
        await GoOnAsync(_job.Id);

        var report = await flush;

        report.Enqueues.Select(static e => e.Status)
            .ShouldBe([EnqueueStatus.Duplicate, EnqueueStatus.Dispatched, EnqueueStatus.Duplicate, EnqueueStatus.Stored]);
        report.Claims.Select(static c => c.Job.Id).ShouldBe([low.Id]);
        (await CountAsync($"job WHERE id = '{_job.Id}'")).ShouldBe(0);
        (await _worker.RepeatAsync()).Enqueues[0]
            .ShouldBe(new EnqueueReport(EnqueueStatus.Stored, _job.Id, JobState.Succeeded),
            "an answer from what is there: it was enqueued once, and has ended");
    }

    [Fact]
    public async Task A_key_that_only_the_taken_back_row_held_goes_to_the_next_of_the_same_flush()
    {
        await PrepareAsync(End.Succeeds);
        var keyed = Some.Draft(id: _job.Id, uniqueKey: "k");
        var second = Some.Draft(uniqueKey: "k");
        await StopAsync(_job.Id);
        var flush = _worker.FlushAsync(enqueues: [new(keyed, false), new(second, false)]).AsTask();
        await StoppedAsync(1);
        await EndAsync(End.Succeeds);
        await GoOnAsync(_job.Id);

        (await flush).Enqueues
            .ShouldBe([new EnqueueReport(EnqueueStatus.Duplicate, _job.Id, JobState.Succeeded),
            new EnqueueReport(EnqueueStatus.Stored, second.Id, JobState.Ready)]);
    }

    [Fact]
    public async Task A_callers_transaction_that_rolls_back_leaves_nothing_and_frees_the_id()
    {
        await PrepareAsync(End.Succeeds);
        await _ender.SettleAsync(_claim!, JobState.Succeeded, TimeSpan.Zero);
        var own = await ConnectAsync();
        await using (var transaction = await own.BeginTransactionAsync(IsolationLevel.Serializable, Token))
        {
            (await _store.EnqueueWithinAsync(transaction, [_job], Now, Token))[0].Status.ShouldBe(EnqueueStatus.Stored);
        }

        (await _worker.EnqueueAsync(_job)).Status.ShouldBe(EnqueueStatus.Stored);
    }

    /// <summary>Stores the job and prepares the session that ends it.</summary>
    private async Task PrepareAsync(End end)
    {
        (_store, _other) = (await OpenAsync(), await OpenAsync());
        (_worker, _ender) = (await RegisterAsync(_store), await RegisterAsync(_other));
        _stops = await ConnectAsync();
        _ = await ExecuteAsync(_stops, StopsSql);
        if (end == End.Expires)
        {
            await _ender.EnqueueAsync(Some.Draft(id: _job.Id, expiresAt: Now.AddMinutes(1)));
            return;
        }

        await _ender.EnqueueAsync(_job);
        _claim = end == End.IsCancelled ? null : (await _ender.ClaimAsync()).ShouldHaveSingleItem();
    }

    private async Task<EnqueueReport> RepeatAsync(Door door)
    {
        var beside = Some.Draft(id: Some.Id());
        switch (door)
        {
            case Door.Flush:
                return (await _worker.FlushAsync(enqueues: [new(_job, false)])).Enqueues[0];
            case Door.Dispatch:
                return (await _worker.FlushAsync(enqueues: [new(_job, true)])).Enqueues[0];
            case Door.ManyAtOnce:
                return (await _worker
                    .FlushAsync(enqueues: [new(beside, false, 1), new(_job, false, 1),
                    new(Some.Draft(uniqueKey: "k"), false, 1)])).Enqueues[1];
            case Door.Apart:
                return (await _worker.FlushApartAsync(enqueues: [new(beside, false), new(_job, false)])).Enqueues[1];
            case Door.Careful:
                _ = await ExecuteAsync(await ConnectAsync(), "ALTER TABLE job ADD CONSTRAINT forbidden CHECK (rank <> ~13)");
                return (await _worker.FlushAsync(enqueues: [new(Some.Draft(priority: 13), false), new(_job, false)])).Enqueues[1];
            case Door.WorkerGone:
                _ = await _store.RescueAsync(new RescueRequest([(_worker.Id, 0)], TimeSpan.Zero, SweepOrphans: false),
                    Now, Token);
                var report = await _worker.FlushAsync(enqueues: [new(_job, false)]);
                _worker = await RegisterAsync(_store);
                return report.Enqueues[0];
            default:
                var own = await ConnectAsync();
                var level = door switch { Door.Within => IsolationLevel.ReadCommitted,
                    Door.WithinSerializable => IsolationLevel.Serializable, _ => IsolationLevel.RepeatableRead };
                await using (var transaction = await own.BeginTransactionAsync(level, Token))
                {
                    var within = (await _store.EnqueueWithinAsync(transaction, [beside, _job], Now, Token))[1];
                    await transaction.CommitAsync(Token);
                    return within;
                }
        }
    }

    private async Task<JobState> EndAsync(End end)
    {
        switch (end)
        {
            case End.FailsWithAnError:
                await _ender.SettleAsync(Some.Settlement(_claim!.Token, JobState.Failed, error: Some.Error()));
                return JobState.Failed;
            case End.SettledWithin:
                await using (var transaction = await (await ConnectAsync()).BeginTransactionAsync(Token))
                {
                    (await _other.SettleWithinAsync(transaction, _ender.Id, Some.Settlement(_claim!.Token), Now, Token)).Settled
                        .ShouldBeTrue();
                    await transaction.CommitAsync(Token);
                }

                return JobState.Succeeded;
            case End.Expires:
                (await _other.PruneAsync(10, Now.AddMinutes(2), Token)).Expired.ShouldBe([_job.Id]);
                return JobState.Cancelled;
            case End.IsCancelled:
                (await _other.CancelAsync([_job.Id], null, Now, Token))[0].Result.ShouldBe(CancelResult.Cancelled);
                return JobState.Cancelled;
            case End.IsCancelledByRescue:
                (await _other.CancelAsync([_job.Id], null, Now, Token))[0].Result.ShouldBe(CancelResult.Requested);
                (await _other.RescueAsync(new RescueRequest([(_ender.Id, 0)], TimeSpan.Zero, SweepOrphans: false), Now,
                    Token)).Cancelled.ShouldBe([_job.Id]);
                _ender = await RegisterAsync(_other);
                return JobState.Cancelled;
            case End.EndsRetriedAndEndsAgain:
                await _ender.SettleAsync(_claim!, JobState.Failed);
                (await _other.RetryAsync([_job.Id], Now, Token))[0].Status.ShouldBe(RetryStatus.Retried);
                await _ender.SettleAsync((await _ender.ClaimAsync()).ShouldHaveSingleItem(), JobState.Succeeded);
                return JobState.Succeeded;
            default:
                await _ender.SettleAsync(_claim!, JobState.Succeeded);
                return JobState.Succeeded;
        }
    }

    private async Task StopAsync(params JobId[] ids)
    {
        foreach (var id in ids)
        {
            _ = await ExecuteAsync(_stops, $"SELECT pg_advisory_lock(hashtextextended('{id}', 0))");
        }
    }

    private async Task GoOnAsync(JobId id) => _ = await ExecuteAsync(_stops, $"SELECT pg_advisory_unlock(hashtextextended('{id}', 0))");

    /// <summary>Waits until inserts have stopped this often.</summary>
    private async Task StoppedAsync(int times)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!(bool)(await ExecuteAsync(_stops, $"SELECT is_called AND last_value >= {times} FROM stopped"))!)
        {
            TimeProvider.System.GetElapsedTime(since).ShouldBeLessThan(s_patience, "the insert has not begun");
            await Task.Delay(2, Token);
        }
    }

    private async Task<long> CountAsync(string what) => (long)(await ExecuteAsync(_stops, $"SELECT count(*) FROM {what}"))!;
}
