using System.Globalization;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private const string ClaimColumns =
        "seq, id, queue, kind, run, forgiven, priority, max_attempts, enqueued_at, expires_at, time_limit, unique_key, held_while, tags, "
            + "trace_parent, trace_state, suspect, cancel_requested, payload, step";

    private static readonly Sql s_ready =
        new($"SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 3 ORDER BY priority DESC, seq LIMIT ?2");

    private static readonly Sql s_readyOfKinds = new($"""
        SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 3 AND kind NOT IN (SELECT value FROM json_each(?3))
            AND seq NOT IN (SELECT value FROM json_each(?4)) ORDER BY priority DESC, seq LIMIT ?2
        """);

    private static readonly Sql s_suspects = new($"""
        SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 9 AND kind NOT IN (SELECT value FROM json_each(?3))
            AND seq NOT IN (SELECT value FROM json_each(?4)) ORDER BY priority DESC, seq LIMIT ?2
        """);

    private static readonly Sql s_start =
        new("UPDATE simmer_job SET state = 4, run = ?2, owner = ?3, started_at = ?4, version = version + 1 WHERE seq = ?1");

    // For good: if its return could take the key back, a rescue could fail on a job that holds it meanwhile.
    private static readonly Sql s_releaseKey = new("UPDATE simmer_job SET unique_key = NULL WHERE seq = ?1");

    // Used by the writer only, and empty between two claims.
    private readonly List<ClaimRow> _best = [];

    private List<SetAsideJob> Claim(SqliteSession session, Flush flush, StepStarts? starts, DateTimeOffset now, bool careful,
        List<JobClaim> claims, List<JobId> expired)
    {
        var aside = new List<SetAsideJob>();
        if (flush.Claims.Count == 0)
        {
            return aside;
        }

        var claiming = new ClaimBatch(flush.Worker.Value, UnknownKinds(session, flush.Kinds), now, careful, claims, expired,
            aside) { Avoided = Avoided(now), Room = flush.Suspects };
        for (var i = 0; i < flush.Claims.Count; i++)
        {
            var request = flush.Claims[i];
            if (starts?.ClaimsOf(request.Queue) is { Count: > 0 } started)
            {
                claims.AddRange(started);
                request = request with { Count = request.Count - started.Count };
            }

            var queue = request.Count > 0 ? session.Names.FindQueue(request.Queue) : 0;
            if (queue != 0 && session[s_paused].Bind(1, queue).Number() == 0)
            {
                Claim(session, queue, request, claiming);
            }
        }

        return aside;
    }

    /// <summary>The claims of a flush on their way.</summary>
    private sealed record ClaimBatch(long Worker, string? Unknown, DateTimeOffset Now, bool Careful, List<JobClaim> Claims,
        List<JobId> Expired, List<SetAsideJob> Aside)
    {
        public long At { get; } = DbTime.Of(Now);

        /// <summary>The rows that are left alone; null: none.</summary>
        public string? Avoided { get; set; }

        /// <summary>How many suspects may still be taken.</summary>
        public SuspectRoom Room { get; set; }
    }

    private void Claim(SqliteSession session, long queue, in ClaimRequest request, ClaimBatch claiming)
    {
        var count = request.Count;
        var suspects = Math.Min(request.Suspects, claiming.Room.Most);
        var more = true;
        HashSet<long>? refused = null;
        while (count > 0 && more)
        {
            // Expired rows, and those that cannot be read, take no slot: after a look that met some, look again.
            more = false;
            claiming.Avoided = refused is not null ? Avoided(claiming.Now) : claiming.Avoided;
            foreach (var row in Best(session, queue, count, ref suspects, claiming))
            {
                if (row.Unreadable is { } why)
                {
                    claiming.Aside.Add(SetAside(session, row, why, claiming.Now, claiming.Careful));
                    more |= (refused ??= []).Add(row.Seq);
                }
                else if (claiming.Careful && TryTake(session, row, claiming) is { } error)
                {
                    claiming.Aside
                        .Add(SetAside(session, row, StoreFaults.Refusal(error, $"the claim of job {row.Id}").Message, claiming.Now,
                        careful: true));
                    more |= (refused ??= []).Add(row.Seq);
                }
                else
                {
                    var expired = row.IsExpired(claiming.At);
                    more |= expired;
                    count -= expired ? 0 : 1;
                    if (!claiming.Careful)
                    {
                        Take(session, row, claiming);
                    }
                }
            }
        }

        _best.Clear();
    }

    // A method of its own: a lambda in the loop above would make an object for every row, on the quick way too.
    private static Exception? TryTake(SqliteSession session, ClaimRow row, ClaimBatch claiming) =>
        session.Try(("claim", row.Seq), () => Take(session, row, claiming));

    private static void Take(SqliteSession session, in ClaimRow row, ClaimBatch claiming)
    {
        if (row.IsExpired(claiming.At))
        {
            Finish(session, row.Seq, row.Id,
                new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = StoreRules.ExpiredReason, Step = row.Draft.Step },
                claiming.Now);
            claiming.Expired.Add(row.Id);
            return;
        }

        _ = session[s_start].Bind(1, row.Seq).Bind(2, row.Run + 1).Bind(3, claiming.Worker).Bind(4, claiming.At).Run();
        if (row.Draft.UniqueKey is not null && row.Draft.UniqueWhile == UniqueWhile.Waiting)
        {
            _ = session[s_releaseKey].Bind(1, row.Seq).Run();
        }

        claiming.Claims.Add(new JobClaim(row.Draft, row.Run + 1, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
    }

    /// <summary>The best rows of a queue; those among them that are suspects, in their places, as many as there is room for.</summary>
    private List<ClaimRow> Best(SqliteSession session, long queue, int count, ref int suspects, ClaimBatch claiming)
    {
        var rows = _best;
        rows.Clear();
        var (unknown, avoided) = (claiming.Unknown, claiming.Avoided);
        var statement = unknown is null && avoided is null
            ? session[s_ready]
            : session[s_readyOfKinds].Bind(3, unknown ?? "[]").Bind(4, avoided ?? "[]");
        ReadRows(session, statement.Bind(1, queue).Bind(2, count), rows);
        if (suspects <= 0)
        {
            return rows;
        }

        var before = rows.Count;
        ReadRows(session, session[s_suspects].Bind(1, queue).Bind(2, suspects).Bind(3, unknown ?? "[]").Bind(4, avoided ?? "[]"), rows);
        if (rows.Count > before)
        {
            rows.Sort(static (a, b) => a.Draft.Priority != b.Draft.Priority
                ? b.Draft.Priority.CompareTo(a.Draft.Priority)
                : a.Seq.CompareTo(b.Seq));
            KeepThoseWithRoom(rows, count, ref suspects, claiming);
        }

        return rows;
    }

    private static void KeepThoseWithRoom(List<ClaimRow> rows, int count, ref int suspects, ClaimBatch claiming)
    {
        var kept = 0;
        for (var i = 0; i < rows.Count && kept < count; i++)
        {
            var row = rows[i];
            if (row.Suspicion > 0)
            {
                if (suspects <= 0 || !claiming.Room.Takes(row.Suspicion))
                {
                    // None that comes later overtakes it: one of a high level would wait for ever for those of lower ones.
                    suspects = 0;
                    continue;
                }

                // One that turns out to have expired counts all the same.
                claiming.Room = claiming.Room.With(row.Suspicion);
                suspects--;
            }

            rows[kept++] = row;
        }

        rows.RemoveRange(kept, rows.Count - kept);
    }

    /// <summary>The kinds that this worker leaves alone, as a JSON array; <see langword="null"/>: it knows all.</summary>
    private static string? UnknownKinds(SqliteSession session, IReadOnlyCollection<string> known)
    {
        var unknown = session.Names.UnknownKinds(known);
        return unknown.Length == 0
            ? null
            : $"[{string.Join(',', unknown.Select(static kind => kind.ToString(CultureInfo.InvariantCulture)))}]";
    }
}
