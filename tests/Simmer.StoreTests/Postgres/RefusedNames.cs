using Simmer.Postgres;
using Simmer.Storage;

namespace Simmer.StoreTests.Postgres;

/// <summary>The database refuses a name of a queue or a kind; after some refusals the connection is closed as well (XX000).</summary>
[Trait("Rule", "15")]
public sealed class RefusedNames : PostgresTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    public static TheoryData<string, string, bool> Refusals =>
        [.. from table in new[] { "queue", "kind" } from code in new[] { "P0001", "XX000", "23514" } from apart in new[] { false, true }
            select (table, code, apart)];

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_name_that_is_refused_refuses_its_jobs_alone_each_time_whether_or_not_that_closes_the_connection(string table,
        string code, bool apart)
    {
        var (worker, _) = await PrepareAsync(table, code);
        for (var i = 0; i < 3; i++)
        {
            EnqueueRequest[] requests =
                [new(Some.Draft(queue: $"new{i}"), false), new(Bad(table), false), new(Some.Draft(), false),
                    new(Bad(table, "bad two"), false)];

            var report = await (apart ? worker.FlushApartAsync(enqueues: requests) : worker.FlushAsync(enqueues: requests)).AsTask()
                .WaitAsync(s_patience, Token);

            report.Enqueues.Select(static e => e.Status)
                .ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Stored, EnqueueStatus.Refused]);
            report.Enqueues[1].Error!.Message.ShouldContain($"the database refused the {table} name 'bad': not this one ({code})");
        }

        (await worker.ClaimAsync(10)).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData("queue", "XX000")]
    [InlineData("kind", "XX000")]
    [InlineData("kind", "P0001")]
    public async Task Within_a_callers_transaction_it_is_a_clear_error_and_the_transaction_goes_on(string table, string code)
    {
        var (_, store) = await PrepareAsync(table, code);
        await using var transaction = await (await ConnectAsync()).BeginTransactionAsync(Token);

        var refused = await Should
            .ThrowAsync<StoreException>(() => store.EnqueueWithinAsync(transaction, [Bad(table)], Now, Token).AsTask()
            .WaitAsync(s_patience, Token));

        refused.Message.ShouldContain($"the database refused the {table} name 'bad': not this one ({code})");
        (await store.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token))[0].Status.ShouldBe(EnqueueStatus.Stored);
        await transaction.CommitAsync(Token);
    }

    [Theory]
    [InlineData("XX000")]
    [InlineData("P0001")]
    public async Task Queues_that_are_claimed_from_and_kinds_that_are_known_cost_the_rest_nothing(string code)
    {
        var (worker, _) = await PrepareAsync("kind", code);

        var report = await worker
            .FlushAsync(enqueues: [new(Some.Draft(), false)], claims: [new ClaimRequest(Some.Queue, 1)], kinds: [Some.Kind, "bad"]).AsTask()
            .WaitAsync(s_patience, Token);

        (report.Enqueues[0].Status, report.Claims.Count).ShouldBe((EnqueueStatus.Stored, 1));
    }

    private static JobDraft Bad(string table, string name = "bad") => table == "kind" ? Some.Draft(kind: name) : Some.Draft(queue: name);

    private async Task<(TestWorker Worker, PostgresJobStore Store)> PrepareAsync(string table, string code)
    {
        var store = await OpenAsync();
        _ = await ExecuteAsync(await ConnectAsync(), $"""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE EXCEPTION 'not this one' USING ERRCODE = '{code}'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON "{table}" FOR EACH ROW WHEN (NEW.name LIKE 'bad%') EXECUTE FUNCTION refuse();
            """);
        return (await RegisterAsync(store), store);
    }
}
