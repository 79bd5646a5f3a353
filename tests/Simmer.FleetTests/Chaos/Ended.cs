using Npgsql;
using Simmer.CrashTests;
using Simmer.Storage;

namespace Simmer.FleetTests.Chaos;

/// <summary>A job that has ended, as the store has it.</summary>
/// <param name="Id">The job.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="State">How it ended.</param>
/// <param name="Run">By which run.</param>
/// <param name="Forgiven">How many of its runs did not count.</param>
/// <param name="Errors">How many errors it had.</param>
/// <param name="Lost">How many of the errors are from a worker that was declared dead while it had the job.</param>
/// <param name="Step">Its place in a workflow; null: it is no step.</param>
internal sealed record Ended(JobId Id, string Kind, JobState State, int Run, int Forgiven, int Errors, int Lost, FlowStep? Step)
{
    private const string Sql = $"""
        SELECT h.id, k.name, h.state, h.run, h.forgiven, h.errors, h.step, coalesce(h.first_added, 0), coalesce(h.added, 0),
          (SELECT count(*) FROM simmer.error e WHERE e.job = h.id AND e.type = '{ErrorTypes.LeaseLost}')
        FROM simmer.history h JOIN simmer.kind k ON k.id = h.kind
        """;

    public static async Task<List<Ended>> ReadAllAsync(string database)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(Sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var all = new List<Ended>();
        while (await reader.ReadAsync())
        {
            var id = new JobId(reader.GetGuid(0));
            var (state, run) = ((JobState)reader.GetInt16(2), reader.GetInt32(3));
            var step = reader.IsDBNull(6)
                ? null
                : new FlowStep(id, StepDraft.Read(id, (byte[])reader.GetValue(6)), state, run, reader.GetInt32(7), reader.GetInt32(8),
                    IsLeaf: false);
            all.Add(new Ended(id, reader.GetString(1), state, run, reader.GetInt32(4), reader.GetInt32(5), (int)reader.GetInt64(9), step));
        }

        return all;
    }
}
