using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_owned = new($"SELECT {ClaimColumns} FROM simmer_job WHERE state = 4 AND owner = ?1 ORDER BY seq");

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<JobClaim>> OwnedAsync(WorkerId worker, CancellationToken cancellationToken) =>
        await Read(session =>
        {
            var rows = new List<ClaimRow>();
            ReadRows(session, session[s_owned].Bind(1, worker.Value), rows);
            return rows.ConvertAll(static row => new JobClaim(row.Draft, row.Run, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
        }, cancellationToken);

    private static void ReadRows(SqliteSession session, Statement statement, List<ClaimRow> rows)
    {
        while (statement.Step())
        {
            rows.Add(ReadRow(session, statement));
        }
    }

    private static ClaimRow ReadRow(SqliteSession session, Statement statement)
    {
        var draft = new JobDraft
        {
            Id = statement.Id(1),
            Queue = session.Names.QueueName(statement.Long(2)),
            Kind = session.Names.KindName(statement.Long(3)),
            Priority = statement.Int(6),
            MaxAttempts = statement.Int(7),
            ExpiresAt = statement.TimeOrNull(9),
            TimeLimit = statement.SpanOrNull(10),
            UniqueKey = statement.TextOrNull(11),
            UniqueWhile = (UniqueWhile)statement.Int(12),
            Tags = JsonList.Read(statement.TextOrNull(13)),
            TraceParent = statement.TextOrNull(14),
            TraceState = statement.TextOrNull(15),
            Payload = statement.Blob(18).ToArray(),
            Step = StepOf(statement, statement.Id(1), 19),
        };
        return new ClaimRow(statement.Long(0), statement.Int(4), statement.Int(5), statement.Time(8), statement.Int(16), statement.Bool(17), draft);
    }
}
