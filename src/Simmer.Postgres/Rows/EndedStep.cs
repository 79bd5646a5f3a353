using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A step in the history.</summary>
internal sealed record EndedStep(JobId Id, JobState State, StepTally Tally, StepDraft Step, string? Branch)
{
    public const string Columns = "j.id, j.state, j.pending, j.outcomes, j.step, j.branch";

    public static EndedStep Read(Npgsql.NpgsqlDataReader row)
    {
        var id = row.Id(0);
        return new EndedStep(id, (JobState)row.GetInt16(1), StepTally.Of(row.IntOrZero(2), row.LongOrZero(3)),
            StepDraft.ReadOrStandIn(id, row.Bytes(4)), row.TextOrNull(5));
    }
}
