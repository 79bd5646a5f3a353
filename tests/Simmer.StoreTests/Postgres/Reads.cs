namespace Simmer.StoreTests.Postgres;

/// <summary>The order in which reads are carried out.</summary>
public sealed class Reads : PostgresTest
{
    [Fact]
    public async Task The_engines_reads_do_not_queue_behind_those_who_ask_or_watch()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        _ = await worker.EnqueueAsync(Some.Draft());
        var holder = await ConnectAsync();
        await using var hold = await holder.BeginTransactionAsync(Token);
        _ = await ExecuteAsync(holder,
            "LOCK TABLE simmer.queue IN ACCESS EXCLUSIVE MODE".Replace("simmer", $"\"{Schema}\"", StringComparison.Ordinal));
        var ends = new List<string>();
        var asked = Enumerable.Range(0, 20)
            .Select(async i => await NotedAsync("asked", async () => _ = await store.Browser.GetAsync([Some.Id()], Token))).ToList();
        asked.AddRange(Enumerable.Range(0, 20)
            .Select(async i => await NotedAsync("watched", async () => _ = await store.Browser.VersionsAsync([Some.Id()], Token))));

        var own = new[]
        {
            NotedAsync("own", async () => _ = await store.ClaimsOfAsync(worker.Id, Token)),
            NotedAsync("own", async () => _ = await store.Browser.StepsAsync(WorkflowId.For("none"), null, Token)),
        };
        await hold.RollbackAsync(Token);
        await Task.WhenAll([.. asked, .. own]);

        // One of the other reads was under way, and one was waiting already.
        ends.FindLastIndex(static e => e == "own").ShouldBeLessThanOrEqualTo(3);

        async Task NotedAsync(string who, Func<Task> read)
        {
            await read();
            lock (ends)
            {
                ends.Add(who);
            }
        }
    }
}
