using Simmer.Storage;

namespace Simmer.Sqlite;

internal sealed partial class SqliteJobStore
{
    private static readonly Sql s_note = new("""
        UPDATE simmer_job SET progress = coalesce(?4, progress), progress_text = coalesce(?5, progress_text), stuck = ?6, version = version + 1
        WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = 4
        """);

    private static void Note(SqliteSession session, IReadOnlyList<ProgressNote> notes, long worker)
    {
        for (var i = 0; i < notes.Count; i++)
        {
            var note = notes[i];
            _ = session[s_note].Bind(1, note.Token.Id).Bind(2, note.Token.Run).Bind(3, worker).Bind(4, note.Fraction).Bind(5, note.Text).Bind(6, note.Stuck).Run();
        }
    }
}
