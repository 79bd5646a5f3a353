using System.Text.Json;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>Local dispatch without an engine: callers that wait for the commit share it; a job is inserted as claimed, runs in no time, and
/// is deleted by the next batch. Nothing is decided, read back, leased or limited.</summary>
internal static class BareDispatch
{
    private const int MostJobs = 2_000;
    private const string Insert =
        "INSERT INTO job(queue, kind, payload, state, attempt, lease_until) SELECT 1, 'tick', p, 1, 1, now() + interval '60 s' FROM "
            + "unnest($1) p RETURNING id";
    private const string Delete = "DELETE FROM job WHERE id = ANY($1)";
    private const string Move =
        "WITH gone AS (DELETE FROM job WHERE id = ANY($1) RETURNING id, kind, payload) INSERT INTO history SELECT id, kind, now(), "
            + "payload FROM gone";

    public static async Task<double> RateAsync(NpgsqlDataSource database, bool keep, Shape shape, TimeSpan duration)
    {
        await database.ExecuteAsync(PlainServerTable.Table);
        var payload = JsonSerializer.SerializeToUtf8Bytes(shape.Tick(), JsonSerializerOptions.Web);
        await using var connection = await database.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        var ended = new NpgsqlParameter<long[]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
        var payloads = new NpgsqlParameter<byte[][]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
        batch.BatchCommands.Add(new NpgsqlBatchCommand(keep ? Move : Delete) { Parameters = { ended } });
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Insert) { Parameters = { payloads } });

        var calls = Channel.CreateUnbounded<TaskCompletionSource>(new UnboundedChannelOptions { SingleReader = true });
        var callers = Enumerable.Range(0, shape.Callers).Select(_ => Task.Run(() => CallAsync(calls.Writer))).ToArray();
        var waiting = new List<TaskCompletionSource>();
        var running = new List<long>();
        var rate = await Baseline.RateAsync(duration, FlushAsync);
        calls.Writer.Complete();
        await foreach (var call in calls.Reader.ReadAllAsync())
        {
            call.SetResult();
        }

        await Task.WhenAll(callers);
        return rate;

        async Task<int> FlushAsync()
        {
            _ = await calls.Reader.WaitToReadAsync();
            while (waiting.Count * shape.PerCall < MostJobs && calls.Reader.TryRead(out var call))
            {
                waiting.Add(call);
            }

            (ended.TypedValue, payloads.TypedValue) = ([.. running], Enumerable.Repeat(payload, waiting.Count * shape.PerCall).ToArray());
            running.Clear();
            await using (var rows = await batch.ExecuteReaderAsync())
            {
                while (await rows.ReadAsync())
                {
                    running.Add(rows.GetInt64(0));
                }
            }

            waiting.ForEach(static call => call.SetResult());
            waiting.Clear();
            return running.Count;
        }
    }

    private static async Task CallAsync(ChannelWriter<TaskCompletionSource> calls)
    {
        var call = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (calls.TryWrite(call))
        {
            await call.Task;
            call = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
