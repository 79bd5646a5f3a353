using Npgsql;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>A role whose transactions are by default not as the store needs them.</summary>
[Trait("Rule", "18")]
public sealed class RoleDefaults : PostgresTest
{
    [Fact]
    public async Task Every_verb_does_what_it_does_elsewhere_and_what_is_acknowledged_is_on_disk()
    {
        var odd = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            Options = "-c default_transaction_isolation=serializable -c default_transaction_read_only=on -c synchronous_commit=off",
        }.ConnectionString;
        var store = await OpenAsync(connectionString: odd);
        var watch = await ConnectAsync();
        _ = await ExecuteAsync(watch, """
            CREATE TABLE seen(isolation text, commits text);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS
              'BEGIN INSERT INTO seen VALUES(current_setting(''transaction_isolation''),
                current_setting(''synchronous_commit'')); RETURN NULL; END';
            CREATE TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON job FOR EACH STATEMENT EXECUTE FUNCTION see();
            """);
        var worker = await RegisterAsync(store);

        await worker.EnqueueAllAsync(Some.Draft(), Some.Draft(uniqueKey: "k"), Some.Draft(dueAt: Now.AddMinutes(1)),
            Some.Draft(queue: "new"));
        var claims = await worker.ClaimAsync(2);
        (await worker.FlushAsync(settlements: [Some.Settlement(claims[0].Token)], giveBacks: [claims[1].Token])).Settlements[0].Settled
            .ShouldBeTrue();
        (await worker.FlushApartAsync(enqueues: [new(Some.Draft(uniqueKey: "k"), false)])).Enqueues[0].Status
            .ShouldBe(EnqueueStatus.Duplicate);
        (await store.BeatAsync(new BeatRequest(worker.Id, [Some.Queue]), Now, Token)).Alive.ShouldBeTrue();
        (await store.PollAsync(worker.Id, Now, Token)).ReadyQueues.ShouldContain(Some.Queue);
        (await store.TryTakeUpkeepLeaseAsync("upkeep", worker.Id, Some.Lease, Now, Token)).ShouldBeTrue();
        (await store.PromoteDueAsync(10, Now.AddMinutes(2), Token)).Count.ShouldBe(1);
        (await store.CancelAsync([claims[1].Job.Id], null, Now, Token))[0].Result.ShouldBe(CancelResult.Cancelled);
        (await store.RetryAsync([claims[1].Job.Id], Now, Token))[0].Status.ShouldBe(RetryStatus.Retried);
        await store.PauseQueueAsync("new", "why", "who", Now, Token);
        _ = await store.PruneAsync(10, Now, Token);
        (await store.RescueAsync(new RescueRequest([(worker.Id, 1)], TimeSpan.Zero, SweepOrphans: true), Now, Token)).Dead.Count
            .ShouldBe(1);

        (await ExecuteAsync(watch, "SELECT string_agg(DISTINCT isolation || ', ' || commits, '; ') FROM seen"))
            .ShouldBe("read committed, on");
    }
}
