using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>Enqueues that a committed flush did not store, and whose answer got lost: when it is asked for again, what kept them out may be
/// gone.</summary>
[Trait("Rule", "3")]
public sealed class LostDuplicates : PostgresTest
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_duplicate_whose_holder_has_ended_since_is_sent_once_more_and_stored(bool keepsHolder, bool wasApart)
    {
        var store = await OpenAsync();
        var (worker, other) = (await RegisterAsync(store), await RegisterAsync(store));
        var held = await other.StartAsync(Some.Draft(uniqueKey: "k"));
        EnqueueRequest[] enqueues = [new(Some.Draft(), false), new(Some.Draft(uniqueKey: "k"), false)];
        var first = await (wasApart ? worker.FlushApartAsync(enqueues: enqueues) : worker.FlushAsync(enqueues: enqueues));
        first.Enqueues[1].ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, held.Job.Id, JobState.Running));
        first.Blocked.IsEmpty.ShouldBeTrue();
        await other.SettleAsync(held, JobState.Succeeded, keepsHolder ? Some.Day : TimeSpan.Zero);

        var repeated = await worker.RepeatAsync();

        repeated.Blocked.Enqueues.ShouldBe([1]);
        repeated.Enqueues[0].ShouldBe(new EnqueueReport(EnqueueStatus.Stored, enqueues[0].Job.Id, JobState.Ready));
        (await worker.FlushApartAsync(enqueues: [enqueues[1]])).Enqueues
            .ShouldBe([new EnqueueReport(EnqueueStatus.Stored, enqueues[1].Job.Id, JobState.Ready)]);
    }

    [Fact]
    public async Task A_job_that_was_stored_under_its_key_and_has_ended_without_a_trace_is_not_sent_once_more()
    {
        var store = await OpenAsync();
        var (worker, other) = (await RegisterAsync(store), await RegisterAsync(store));
        var job = Some.Draft(uniqueKey: "k");
        await worker.EnqueueAsync(job);
        await other.SettleAsync((await other.ClaimAsync()).ShouldHaveSingleItem(), JobState.Succeeded, TimeSpan.Zero);

        var repeated = await worker.RepeatAsync();

        repeated.Blocked.IsEmpty.ShouldBeTrue();
        repeated.Enqueues.ShouldBe([new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Unknown)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_refused_when_it_is_stored_after_the_commit_is_refused_alone_and_the_flush_has_its_answer(bool apart)
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        await worker.EnqueueAllAsync(Some.Draft(uniqueKey: "k"), Some.Draft(uniqueKey: "good"));

        // The holders of the keys go within the flush, behind its inserts; and then one key is refused.
        _ = await ExecuteAsync(await ConnectAsync(), """
            CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN DELETE FROM job
                WHERE unique_key IS NOT NULL; RETURN NULL; END $$;
            CREATE TRIGGER forget AFTER UPDATE ON flush FOR EACH STATEMENT EXECUTE FUNCTION forget();
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
              BEGIN
                IF EXISTS(SELECT 1 FROM job WHERE unique_key = 'k') THEN RETURN NEW; END IF;
                RAISE EXCEPTION 'not this one';
              END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON job FOR EACH ROW WHEN (NEW.unique_key = 'k') EXECUTE FUNCTION refuse();
            """);
        EnqueueRequest[] enqueues =
            [new(Some.Draft(), false), new(Some.Draft(uniqueKey: "k"), false), new(Some.Draft(uniqueKey: "good"), false)];

        var report = await (apart ? worker.FlushApartAsync(enqueues: enqueues) : worker.FlushAsync(enqueues: enqueues));

        report.Enqueues.Select(static e => e.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        report.Enqueues[1].Error!.Message.ShouldContain("not this one");
    }

    [Fact]
    public async Task One_that_the_database_refused_is_sent_once_more_and_refused_again()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        _ = await ExecuteAsync(await ConnectAsync(), "ALTER TABLE job ADD CONSTRAINT forbidden CHECK (rank <> ~13)");
        EnqueueRequest[] enqueues = [new(Some.Draft(priority: 13), false), new(Some.Draft(), false)];
        (await worker.FlushAsync(enqueues: enqueues)).Enqueues[0].Status.ShouldBe(EnqueueStatus.Refused);

        var repeated = await worker.RepeatAsync();

        repeated.Blocked.Enqueues.ShouldBe([0]);
        repeated.Enqueues[1].Status.ShouldBe(EnqueueStatus.Stored);
        (await worker.FlushApartAsync(enqueues: [enqueues[0]])).Enqueues[0].Status.ShouldBe(EnqueueStatus.Refused);
    }
}
