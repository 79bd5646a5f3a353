using Simmer.Storage;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    // A row that another transaction holds goes without: the next report says more, and its settlement carries the last one.
    private const string NoteSql = """
        WITH n AS MATERIALIZED (
          SELECT t.* FROM unnest($2::uuid[], $3::int[], $4::float8[], $5::text[], $6::boolean[]) AS t(id, run, progress, progress_text, stuck) JOIN simmer.job j ON j.id = ANY(ARRAY[t.id])
          WHERE j.run = t.run AND j.owner = $1 AND j.state = 4 FOR NO KEY UPDATE OF j SKIP LOCKED)
        UPDATE simmer.job j SET progress = coalesce(n.progress, j.progress), progress_text = coalesce(n.progress_text, j.progress_text), stuck = n.stuck, version = j.version + 1
        FROM n WHERE j.id = ANY(ARRAY[n.id])
        """;

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
            if (await TryNoteAsync(session, [note], worker) is { } refused && await TryNoteAsync(session, [note with { Text = StoreRules.RefusedText }], worker) is not null)
            {
                Log.ProgressRefused(_logger, refused, note.Token.Id, note.Token.Run);
            }
        }
    }

    private static Task<Exception?> TryNoteAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker) => session.TryAsync($"note {notes[0].Token} {notes.Count} {notes[0].Text == StoreRules.RefusedText}", async () =>
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
