using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // Beside the job's row, which is locked and not written to: a transaction with a snapshot could not end a job whose row has changed
    // since. A row that another transaction holds goes without: the next report says more, and its settlement carries the last one.
    private const string NoteSql = """
        WITH n AS MATERIALIZED (
          SELECT t.* FROM unnest($2::uuid[], $3::int[], $4::float8[], $5::text[], $6::boolean[]) AS t(id, run, progress, progress_text,
              stuck) JOIN simmer.job j ON j.id = ANY(ARRAY[t.id])
          WHERE j.run = t.run AND j.owner = $1 AND j.state = 4 FOR KEY SHARE OF j SKIP LOCKED)
        INSERT INTO simmer.progress AS p(job, run, notes, progress, progress_text, stuck) SELECT id, run, 1, progress, progress_text, stuck
            FROM n
        ON CONFLICT (job) DO UPDATE SET run = excluded.run, stuck = excluded.stuck,
          notes = CASE WHEN p.run = excluded.run THEN least(greatest(p.notes, 0), 999999999) + 1 ELSE 1 END,
          progress = CASE WHEN p.run = excluded.run THEN coalesce(excluded.progress, p.progress) ELSE excluded.progress END,
          progress_text = CASE WHEN p.run = excluded.run THEN coalesce(excluded.progress_text, p.progress_text)
              ELSE excluded.progress_text END
        """;

    /// <summary>What a running job has reported, beside its row j.</summary>
    private const string WithNotes = "LEFT JOIN simmer.progress p ON p.job = ANY(ARRAY[j.id]) AND p.run = j.run";

    /// <summary>A job's version counts its reports as well.</summary>
    internal const string VersionWithNotes =
        "greatest(j.version, least(j.version::bigint + least(greatest(coalesce(p.notes, 0), 0), 1000000000), 2147483646))::int";

    // Into the job's row, as its end finds it. Of another run nothing is taken.
    private const string TakeNotesSql = $"""
        WITH p AS (DELETE FROM simmer.progress n USING unnest($1::uuid[], $2::int[]) AS t(job, run) WHERE n.job = ANY(ARRAY[t.job])
            AND n.run = t.run RETURNING n.job, n.run, n.notes, n.progress, n.progress_text)
        UPDATE simmer.job j SET progress = coalesce(p.progress, j.progress), progress_text = coalesce(p.progress_text, j.progress_text),
            version = {VersionWithNotes}
        FROM p WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run
        """;

    // The same from memory, for a transaction with a snapshot: what was reported since it was taken cannot be read in it. One more than
    // was sent: something may be on its way.
    private const string KeepNotesSql = """
        UPDATE simmer.job SET progress = coalesce($4, progress), progress_text = coalesce($5, progress_text),
            version = greatest(version, least(version::bigint + $6 + 1, 2147483646))::int
        WHERE id = $1 AND run = $2 AND owner = $3 AND state = 4
        """;

    // Left by ends that could not take them along.
    private const string PruneNotesSql = """
        DELETE FROM simmer.progress
            WHERE job = ANY(ARRAY(SELECT p.job FROM simmer.progress p
            WHERE NOT EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[p.job]) AND j.run = p.run) LIMIT $1
            FOR UPDATE OF p SKIP LOCKED))
        """;

    private readonly NotedJobs _noted = new();

    /// <summary>Takes along what was reported under leases that end in this transaction.</summary>
    private static void TakeNotes(SqlBatch batch, IReadOnlyList<LeaseToken> noted)
    {
        if (noted.Count > 0)
        {
            _ = batch.Add(TakeNotesSql).BindIds(noted, static t => t.Id.Value).BindAllInts(noted, static t => t.Run);
        }
    }

    /// <summary>The same in a transaction of a handler's.</summary>
    /// <param name="batch">Takes the statements, behind the lock of the job's row.</param>
    /// <param name="token">The lease that ends.</param>
    /// <param name="worker">Whose it is.</param>
    /// <param name="seesPast">Whether the transaction has a snapshot.</param>
    private void TakeNotes(SqlBatch batch, LeaseToken token, long worker, bool seesPast)
    {
        if (_noted.Of(token, new WorkerId(worker)) is not { } noted)
        {
            return;
        }

        if (!seesPast)
        {
            TakeNotes(batch, [token]);
            return;
        }

        KeepNotes(batch, token, worker, noted);
    }

    /// <summary>Where what was reported cannot be taken along, it counts for the version all the same: whoever has seen it must see the
    /// end.</summary>
    private void CountNotes(SqlBatch batch, LeaseToken token, long worker)
    {
        if (_noted.Of(token, new WorkerId(worker)) is { } noted)
        {
            KeepNotes(batch, token, worker, noted with { Fraction = null, Text = null });
        }
    }

    private static void KeepNotes(SqlBatch batch, LeaseToken token, long worker, NotedJob noted) =>
        batch.Add(KeepNotesSql).Bind(token.Id).Bind(token.Run).Bind(worker).Bind(noted.Fraction).Bind(noted.Text).Bind((long)noted.Notes);

    /// <summary>Behind savepoints. One that is refused is noted without its text, or goes without: it says nothing that the job's end
    /// depends on.</summary>
    private async Task NoteCarefullyAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker)
    {
        if (notes.Count == 0 || await TryNoteAsync(session, notes, worker) is null)
        {
            return;
        }

        foreach (var note in notes)
        {
            if (await TryNoteAsync(session, [note], worker) is { } refused
                && await TryNoteAsync(session, [note with { Text = StoreRules.RefusedText }], worker) is not null)
            {
                Log.ProgressRefused(_logger, refused, note.Token.Id, note.Token.Run);
            }
        }
    }

    private static Task<Exception?> TryNoteAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker) =>
        session.TryAsync($"note {notes[0].Token} {notes.Count} {notes[0].Text == StoreRules.RefusedText}", async () =>
    {
        var batch = session.Batch();
        Note(batch, notes, worker);
        await batch.RunAsync();
    });

    private static void Note(SqlBatch batch, IReadOnlyList<ProgressNote> notes, long worker)
    {
        if (notes.Count > 0)
        {
            _ = batch.Add(NoteSql).Bind(worker)
                .BindIds(notes, static n => n.Token.Id.Value)
                .BindAllInts(notes, static n => n.Token.Run)
                .BindDoubles(notes, static n => n.Fraction)
                .BindTexts(notes, static n => n.Text)
                .BindFlags(notes, static n => n.Stuck);
        }
    }
}
