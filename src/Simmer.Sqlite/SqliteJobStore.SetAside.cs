using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly TimeSpan s_firstRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(30);

    private static readonly Sql s_errorsOf = new("SELECT errors FROM simmer_job WHERE seq = ?1");

    // Whatever is wrong with the row stays as it is. A suspect stays one; one whose worker died under it has its next level (?5). Of one
    // that ran the attempt is forgiven (?6), unless it is spent by that.
    private static readonly Sql s_putOff = new("""
        UPDATE simmer_job SET state = 2, due_at = ?2, ready_at = NULL, owner = NULL, suspect = iif(?5 > 0, ?5, suspect), stuck = 0,
            version = version + 1, errors = ?3,
          forgiven = iif(typeof(forgiven) = 'integer' AND forgiven < 2147483647, forgiven + ?6, forgiven)
        WHERE seq = ?1 AND (state = ?4 OR (state IN (3, 9) AND ?4 = 3))
        """);

    private static readonly Sql s_whyPutOff = new("""
        INSERT OR REPLACE INTO simmer_error(job, n, run, attempt, at, type, message) SELECT id, ?2, 0, 0, ?3, ?4, ?5 FROM simmer_job
            WHERE seq = ?1
        """);

    /// <summary>Rows that this process leaves alone, by their numbers.</summary>
    private readonly AvoidedRows<long> _avoided = new();

    /// <summary>Puts off a job whose row cannot be read or claimed, visible to all with the reason; it is looked at again after 10 seconds,
    /// and after twice as long each time, up to half an hour.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="seq">Its row.</param>
    /// <param name="state">The state that it must be in: running, or ready.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present time.</param>
    /// <param name="level">Its level as a suspect, if its worker died under it; else it stays as it is.</param>
    /// <param name="spends">Whether that has cost it an attempt.</param>
    /// <returns>Until when.</returns>
    private static DateTimeOffset PutOff(SqliteSession session, long seq, JobState state, string reason, DateTimeOffset now, int level = 0,
        bool spends = false)
    {
        var errors = Math.Clamp(session[s_errorsOf].Bind(1, seq).Number() ?? 0, 0, 1_000_000_000) + 1;
        var until = StoreRules.KeepUntil(now,
            TimeSpan.FromSeconds(Math.Min(s_longestRest.TotalSeconds, s_firstRest.TotalSeconds * Math.Pow(2, Math.Min(20, errors - 1)))));
        if (session[s_putOff].Bind(1, seq).Bind(2, DbTime.Of(until)).Bind(3, errors).Bind(4, (long)state).Bind(5, (long)level)
            .Bind(6, state == JobState.Running && !spends).Run() > 0)
        {
            _ = session[s_whyPutOff].Bind(1, seq).Bind(2, errors).Bind(3, DbTime.Of(now)).Bind(4, ErrorTypes.Unreadable)
                .Bind(5, reason).Run();
            session.Steps.Due(until);
        }

        return until;
    }

    /// <summary>The same where the database may refuse even that: then this process leaves it alone.</summary>
    private SetAsideJob SetAside(SqliteSession session, in ClaimRow row, string reason, DateTimeOffset now, bool careful)
    {
        var (seq, until) = (row.Seq, now);
        if (!careful)
        {
            until = PutOff(session, seq, JobState.Ready, reason, now);
        }
        else if (session.Try(("put off", seq), () => until = PutOff(session, seq, JobState.Ready, reason, now)) is not null)
        {
            until = StoreRules.KeepUntil(now, _avoided.Avoid(seq, now));
        }

        return new SetAsideJob(row.Id.ToString(), reason, until);
    }

    /// <summary>The rows that are left alone, as a JSON array; null: there are none.</summary>
    private string? Avoided(DateTimeOffset now) => _avoided.Present(now) is { Length: > 0 } rows ? $"[{string.Join(',', rows)}]" : null;
}
