using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_note = new("""
        UPDATE simmer_job SET progress = coalesce(?4, progress), progress_text = coalesce(?5, progress_text), stuck = ?6,
            version = version + 1
        WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = 4
        """);

    /// <summary>Notes what running jobs report. Carefully, one that is refused is noted without its text, or goes without: it says nothing
    /// that the job's end depends on.</summary>
    private void Note(SqliteSession session, IReadOnlyList<ProgressNote> notes, long worker, bool careful)
    {
        foreach (var (note, refused) in ForEach(session, notes, careful, note => Note(session, note, worker)))
        {
            if (session.Try((note, "marked"), () => Note(session, note with { Text = StoreRules.RefusedText }, worker)) is not null)
            {
                Log.ProgressRefused(_logger, refused, note.Token.Id, note.Token.Run);
            }
        }
    }

    private static void Note(SqliteSession session, in ProgressNote note, long worker) =>
        session[s_note].Bind(1, note.Token.Id).Bind(2, note.Token.Run).Bind(3, worker).Bind(4, note.Fraction).Bind(5, note.Text)
            .Bind(6, note.Stuck).Run();
}
