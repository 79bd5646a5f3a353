using System.Globalization;
using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private const string ClaimColumns =
        "seq, id, queue, kind, run, forgiven, priority, max_attempts, enqueued_at, expires_at, time_limit, unique_key, held_while, tags, trace_parent, trace_state, suspect, cancel_requested, payload, step";

    private static readonly Sql s_ready = new($"SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 3 ORDER BY priority DESC, seq LIMIT ?2");

    private static readonly Sql s_readyOfKinds = new($"""
        SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 3 AND kind NOT IN (SELECT value FROM json_each(?3)) ORDER BY priority DESC, seq LIMIT ?2
        """);

    private static readonly Sql s_suspects = new($"""
        SELECT {ClaimColumns} FROM simmer_job WHERE queue = ?1 AND state = 9 AND kind NOT IN (SELECT value FROM json_each(?3)) ORDER BY priority DESC, seq LIMIT ?2
        """);

    private static readonly Sql s_start = new("UPDATE simmer_job SET state = 4, run = ?2, owner = ?3, started_at = ?4, version = version + 1 WHERE seq = ?1");

    // For good: if its return could take the key back, a rescue could fail on a job that holds it meanwhile.
    private static readonly Sql s_releaseKey = new("UPDATE simmer_job SET unique_key = NULL WHERE seq = ?1");

    private static (IReadOnlyList<JobClaim> Claims, IReadOnlyList<JobId> Expired) Claim(SqliteSession session, Flush flush, StepStarts? starts, DateTimeOffset now)
    {
        if (flush.Claims.Count == 0)
        {
            return ([], []);
        }

        var claims = new List<JobClaim>();
        List<JobId>? expired = null;
        var unknown = UnknownKinds(session, flush.Kinds);
        var room = flush.Suspects;
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
                Claim(session, queue, request, unknown, flush.Worker.Value, ref room, claims, ref expired, now);
            }
        }

        return (claims, expired ?? []);
    }

    private static void Claim(
        SqliteSession session, long queue, in ClaimRequest request, string? unknown, long worker, ref SuspectRoom room, List<JobClaim> claims, ref List<JobId>? expired, DateTimeOffset now)
    {
        var count = request.Count;
        var suspects = Math.Min(request.Suspects, room.Most);
        var at = DbTime.Of(now);
        var more = true;
        while (count > 0 && more)
        {
            // Expired rows take no slot: after a look that met some, look again.
            more = false;
            foreach (var row in Best(session, queue, count, unknown, ref suspects, ref room))
            {
                if (row.IsExpired(at))
                {
                    Finish(session, row.Seq, row.Id, new Ending(JobState.Cancelled, StoreRules.KeptByDefault) { Reason = StoreRules.ExpiredReason, Step = row.Draft.Step }, now);
                    (expired ??= []).Add(row.Id);
                    more = true;
                }
                else
                {
                    _ = session[s_start].Bind(1, row.Seq).Bind(2, row.Run + 1).Bind(3, worker).Bind(4, at).Run();
                    if (row.Draft.UniqueKey is not null && row.Draft.UniqueWhile == UniqueWhile.Waiting)
                    {
                        _ = session[s_releaseKey].Bind(1, row.Seq).Run();
                    }

                    claims.Add(new JobClaim(row.Draft, row.Run + 1, row.Forgiven, row.EnqueuedAt, row.Suspicion, row.CancelRequested));
                    count--;
                }
            }
        }
    }

    /// <summary>The best rows of a queue; those among them that are suspects, in their places, as many as there is room for.</summary>
    private static List<ClaimRow> Best(SqliteSession session, long queue, int count, string? unknown, ref int suspects, ref SuspectRoom room)
    {
        var rows = new List<ClaimRow>(Math.Min(count, 256));
        var statement = unknown is null ? session[s_ready] : session[s_readyOfKinds].Bind(3, unknown);
        ReadRows(session, statement.Bind(1, queue).Bind(2, count), rows);
        if (suspects <= 0)
        {
            return rows;
        }

        var before = rows.Count;
        ReadRows(session, session[s_suspects].Bind(1, queue).Bind(2, suspects).Bind(3, unknown ?? "[]"), rows);
        if (rows.Count > before)
        {
            rows.Sort(static (a, b) => a.Draft.Priority != b.Draft.Priority ? b.Draft.Priority.CompareTo(a.Draft.Priority) : a.Seq.CompareTo(b.Seq));
            KeepThoseWithRoom(rows, count, ref suspects, ref room);
        }

        return rows;
    }

    private static void KeepThoseWithRoom(List<ClaimRow> rows, int count, ref int suspects, ref SuspectRoom room)
    {
        var kept = 0;
        for (var i = 0; i < rows.Count && kept < count; i++)
        {
            var row = rows[i];
            if (row.Suspicion > 0)
            {
                if (suspects <= 0 || !room.Takes(row.Suspicion))
                {
                    // None that comes later overtakes it: one of a high level would wait for ever for those of lower ones.
                    suspects = 0;
                    continue;
                }

                // One that turns out to have expired counts all the same.
                room = room.With(row.Suspicion);
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
        return unknown.Length == 0 ? null : $"[{string.Join(',', unknown.Select(static kind => kind.ToString(CultureInfo.InvariantCulture)))}]";
    }
}
