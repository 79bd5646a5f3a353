using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>The rows that this process leaves alone for a while, because the database refuses whatever is written to them.</summary>
/// <param name="path">Where the database is.</param>
/// <param name="logger">Takes what is worth saying.</param>
internal sealed class SetAside(string path, ILogger logger)
{
    private readonly AvoidedRows<long> _avoided = new();

    /// <summary>The numbers of the rows that are left alone, as a JSON array; null: there are none.</summary>
    public string? Avoided(DateTimeOffset now) => _avoided.Present(now) is { Length: > 0 } rows ? $"[{string.Join(',', rows)}]" : null;

    /// <summary>Leaves rows alone from now on.</summary>
    /// <param name="refused">The rows, with what the database said.</param>
    /// <param name="what">What could not be done with them.</param>
    /// <param name="now">The present time.</param>
    public void Avoid(IEnumerable<(long Seq, Exception Error)> refused, string what, DateTimeOffset now)
    {
        foreach (var (seq, error) in refused)
        {
            Log.Avoided(logger, error, seq, path, what, _avoided.Avoid(seq, now));
        }
    }

    /// <summary>Puts off a ready job that cannot be read or claimed. Where the database may refuse even that, this process leaves it
    /// alone.</summary>
    public SetAsideJob PutOff(SqliteSession session, in ClaimRow row, string reason, DateTimeOffset now, bool careful)
    {
        var (seq, until) = (row.Seq, now);
        if (!careful)
        {
            until = RunEnd.PutOff(session, seq, JobState.Ready, reason, now);
        }
        else if (session.Try(("put off", seq), () => until = RunEnd.PutOff(session, seq, JobState.Ready, reason, now)) is not null)
        {
            until = StoreRules.KeepUntil(now, _avoided.Avoid(seq, now));
        }

        return new SetAsideJob(row.Id.ToString(), reason, until);
    }
}
