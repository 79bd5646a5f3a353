using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The least that a durable job can cost on a server: two columns, in by COPY and out again by one DELETE, by the thousand (less
/// where they are large). No states, no claim.</summary>
internal static class CopyAndDelete
{
    private const int MostJobs = 1_000;
    private const int MostBytes = 2_000_000;
    private const int WaitingBatches = 200;

    public static async Task<double> RateAsync(NpgsqlDataSource database, bool keep, Shape shape, Steps steps, TimeSpan duration)
    {
        await database
            .ExecuteAsync("CREATE TABLE job(id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payload bytea NOT NULL); CREATE TABLE "
            + "history(id bigint NOT NULL, payload bytea NOT NULL)");
        var payload = JsonSerializer.SerializeToUtf8Bytes(shape.Tick(), JsonSerializerOptions.Web);
        var batch = Math.Min(MostJobs, MostBytes / shape.PayloadBytes);
        await using var connection = await database.OpenConnectionAsync();
        const string Taken = "DELETE FROM job WHERE id > $1 AND id <= $2 RETURNING id, payload";
        await using var take = new NpgsqlCommand(keep
            ? $"WITH gone AS ({Taken}), kept AS (INSERT INTO history SELECT id, payload FROM gone) SELECT id, payload FROM gone"
            : Taken, connection);
        var (after, upTo) = (new NpgsqlParameter<long>(), new NpgsqlParameter<long>());
        _ = take.Parameters.Add(after);
        _ = take.Parameters.Add(upTo);
        if (!steps.HasFlag(Steps.Enqueue))
        {
            _ = await CopyAsync(WaitingBatches * batch);
            await database.ExecuteAsync("ANALYZE job");
        }

        return await Baseline.RateAsync(duration, async () =>
        {
            var count = steps.HasFlag(Steps.Enqueue) ? await CopyAsync(batch) : 0;
            return steps.HasFlag(Steps.Run) ? await TakeAsync() : count;
        });

        async Task<int> CopyAsync(int count)
        {
            await using var copy = await connection.BeginBinaryImportAsync("COPY job(payload) FROM STDIN BINARY");
            for (var i = 0; i < count; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(payload, NpgsqlDbType.Bytea);
            }

            return (int)await copy.CompleteAsync();
        }

        async Task<int> TakeAsync()
        {
            (after.TypedValue, upTo.TypedValue) = (upTo.TypedValue, upTo.TypedValue + batch);
            await using var rows = await take.ExecuteReaderAsync();
            var count = 0;
            while (await rows.ReadAsync())
            {
                _ = rows.GetFieldValue<byte[]>(1);
                count++;
            }

            return count;
        }
    }
}
