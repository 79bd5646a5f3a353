using System.Globalization;
using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>A row that cannot be read or claimed is looked at again after this time, and after twice as long each time, up to half an
    /// hour: a deploy may bring the code that reads it.</summary>
    private static readonly TimeSpan s_firstRest = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestRest = TimeSpan.FromMinutes(30);

    // Counters stay within their columns: one that is at its end may be what is wrong. Claimed just now by this worker ($6), or still
    // waiting for a claim. A suspect stays one; one whose worker died under it has its next level ($8) and may have spent its attempt ($9).
    private const string SetAsideSql = """
        WITH aside AS (
          UPDATE simmer.job SET state = 2, due_at = $3, ready_at = NULL, owner = NULL, suspect = suspect OR $8 > 0, suspicion = CASE
              WHEN $8 > 0 THEN $8 ELSE suspicion END, stuck = false,
            version = least(version, 2147483646) + 1, errors = least(errors, 2147483646) + 1, forgiven = CASE WHEN state = 4 AND NOT $9
                THEN least(forgiven, 2147483646) + 1 ELSE forgiven END
          WHERE id = $1 AND ((state = 4 AND coalesce(owner, 0) = $6) OR state IN (3, 9)) RETURNING id, run, errors),
        old AS (DELETE FROM simmer.error e USING aside WHERE e.job = ANY(ARRAY[aside.id]) AND e.n <= aside.errors - $7)
        INSERT INTO simmer.error(job, n, run, attempt, at, type, message) SELECT id, errors, run, 0, $2, $4, $5 FROM aside
        ON CONFLICT (job, n) DO UPDATE
            SET run = excluded.run, attempt = excluded.attempt, at = excluded.at, type = excluded.type, message = excluded.message,
            detail = NULL
        """;

    // Below them no row is read: a damaged payload must not stop the list.
    private const string CandidatesSql = """
        SELECT id FROM (
          (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = 3 AND j.kind = ANY($3) AND j.id <> ALL($4)
              ORDER BY j.rank, j.seq LIMIT $2)
          UNION ALL (SELECT j.id, j.rank, j.seq FROM simmer.job j WHERE j.queue = $1 AND j.state = 9 AND $5 AND j.kind = ANY($3)
              AND j.id <> ALL($4) ORDER BY j.rank, j.seq LIMIT 1)) c
        ORDER BY rank, seq LIMIT $2
        """;

    private const NpgsqlTypes.NpgsqlDbType UuidArray = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Uuid;

    private readonly AvoidedRows<Guid> _avoided = new();

    /// <summary>Claims of one queue behind savepoints: all at once, and if that is refused one by one. What is refused is set aside, so
    /// that it holds up nobody.</summary>
    private async Task ClaimCarefullyAsync(Session session, ClaimBatch claiming, int queue, string name, int count, int suspects,
        IReadOnlyList<JobId>? passedOver = null)
    {
        var before = claiming.Mark();
        if (await session.TryAsync($"claim of {queue}",
            () => ClaimAllAsync(session, claiming, queue, count, suspects, Avoided())) is not { } refused)
        {
            return;
        }

        claiming.Undo(before);
        _lowWater.Stale(queue);
        for (var left = count; left > 0;)
        {
            var candidates = new List<JobId>();
            if (await session.TryAsync($"candidates of {queue}", () =>
                ClaimAsync(session, batch => batch.Add(CandidatesSql).Bind(queue).Bind(left).Bind(claiming.Kinds).Bind(Avoided(), UuidArray)
                .Bind(suspects > 0 && claiming.HasRoomForAnySuspect).Each(row => candidates.Add(row.Id(0))))) is { } unknown)
            {
                // Nothing tells which of its rows it is: the others of this queue wait with it, and no other queue does.
                claiming.SetAside($"(one in queue '{name}')", StoreFaults.Refusal(unknown, $"claims of queue '{name}'").Message,
                    s_firstRest);
                return;
            }

            // Those that are refused are no candidates the next time, and others are in their places.
            var refusals = await ClaimOneByOneAsync(session, claiming, queue, candidates);
            left = refusals == 0 ? 0 : left - (candidates.Count - refusals);
        }

        Guid[] Avoided() => [.. _avoided.Present(claiming.Now), .. (passedOver ?? []).Select(static id => id.Value)];
    }

    private async Task<int> ClaimOneByOneAsync(Session session, ClaimBatch claiming, int queue, List<JobId> candidates)
    {
        var refusals = 0;
        foreach (var id in candidates)
        {
            var before = claiming.Mark();
            if (await session.TryAsync($"claim {id}",
                () => ClaimAsync(session, batch => claiming.AddOne(session, batch, queue, id))) is { } alone)
            {
                refusals++;
                claiming.Undo(before);
                _lowWater.Stale(queue);
                await SetAsideAsync(session, claiming, id, StoreFaults.Refusal(alone, $"the claim of job {id}").Message, s_firstRest);
            }
        }

        return refusals;
    }

    private static async Task ClaimAllAsync(Session session, ClaimBatch claiming, int queue, int count, int suspects, Guid[] avoided)
    {
        var batch = session.Batch();
        await claiming.AddAsync(session, batch, queue, count, suspects, avoided);
        await batch.RunAsync();
    }

    private static Task ClaimAsync(Session session, Action<SqlBatch> claim)
    {
        var batch = session.Batch();
        claim(batch);
        return batch.RunAsync();
    }

    /// <summary>After the commit: what was claimed and cannot be read is put off with the reason. In a transaction of its own.</summary>
    private async Task<IReadOnlyList<SetAsideJob>> SetAsideAsync(Session session, ClaimBatch claiming)
    {
        if (claiming.Unreadable.Count > 0)
        {
            var again = SessionOn(session.Connection);
            await SetUnreadableAsideAsync(again, claiming);
            session.Steps.Join(again.Steps);
        }

        return claiming.IsAside.ConvertAll(aside => aside with { Until = ByCaller(aside.Until, session.Ahead) });
    }

    private async Task SetUnreadableAsideAsync(Session again, ClaimBatch claiming)
    {
        await Session.Begin(again.Batch(), _options.LockTimeout).Add(NothingDeferredSql).RunAsync();
        foreach (var row in claiming.Unreadable)
        {
            await SetAsideAsync(again, claiming, row.Id, row.Unreadable!, RestAfter(row.Run));
        }

        await again.Batch().Add("COMMIT").RunAsync();
    }

    /// <summary>Puts a job off, visible to all with the reason; where the database refuses even that, this process leaves it
    /// alone.</summary>
    private async Task SetAsideAsync(Session session, ClaimBatch claiming, JobId id, string reason, TimeSpan rest)
    {
        var until = StoreRules.KeepUntil(claiming.Now, rest);
        if (await session.TryAsync($"set aside {id}",
            () => SetAsideSqlAsync(session, id, claiming.Flush.Worker, reason, claiming.Now, until)) is null)
        {
            session.Steps.Due(until);
            claiming.SetAside(id.ToString(), reason, rest);
        }
        else
        {
            claiming.SetAside(id.ToString(), reason, _avoided.Avoid(id.Value, claiming.Now));
        }
    }

    /// <param name="session">The transaction.</param>
    /// <param name="id">The job.</param>
    /// <param name="worker">Who owns it, if it runs.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present time.</param>
    /// <param name="until">When it is looked at again.</param>
    /// <param name="level">Its level as a suspect, if its worker died under it; else it stays as it is.</param>
    /// <param name="spends">Whether that has cost it an attempt.</param>
    private static Task SetAsideSqlAsync(Session session, JobId id, WorkerId worker, string reason, DateTimeOffset now,
        DateTimeOffset until, int level = 0, bool spends = false) => session.Batch().Add(SetAsideSql)
        .Bind(id).Bind(DbTime.Of(now)).Bind(DbTime.Of(until)).Bind(ErrorTypes.Unreadable).Bind(Ascii(reason)).Bind(worker.Value)
            .Bind(StoreRules.ErrorsKept).Bind((short)level, NpgsqlTypes.NpgsqlDbType.Smallint).Bind(spends).RunAsync();

    private static TimeSpan RestAfter(int run) =>
        TimeSpan.FromSeconds(Math.Min(s_longestRest.TotalSeconds, s_firstRest.TotalSeconds * Math.Pow(2, Math.Clamp(run - 1, 0, 20))));

    // A reason may quote what the row holds, or what this database cannot.
    private static string Ascii(string text) =>
        string.Concat(text[..Math.Min(text.Length, 1_000)]
            .Select(static c => c is >= ' ' and < '\x7f' ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}")));
}
