using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Writes what running jobs report of their progress.</summary>
/// <param name="logger">Takes what is worth saying.</param>
internal sealed class ProgressNotes(ILogger logger)
{
    private static readonly Sql s_note = new($"""
        UPDATE simmer_job SET progress = coalesce(?4, progress), progress_text = coalesce(?5, progress_text), stuck = ?6,
            version = version + 1
        WHERE id = ?1 AND run = ?2 AND owner = ?3 AND state = {JobStates.Running}
        """);

    /// <summary>Writes the notes of a flush. Done carefully, a note that is refused is written without its text, or left out: nothing of it
    /// matters to the job's end.</summary>
    public void Write(SqliteSession session, IReadOnlyList<ProgressNote> notes, long worker, bool careful)
    {
        if (notes.Count == 0)
        {
            return;
        }

        foreach (var (note, refused) in session.ForEach(notes, careful, note => Write(session, note, worker)))
        {
            if (session.Try((note, "marked"), () => Write(session, note with { Text = StoreRules.RefusedText }, worker)) is not null)
            {
                Log.ProgressRefused(logger, refused, note.Token.Id, note.Token.Run);
            }
        }
    }

    private static void Write(SqliteSession session, in ProgressNote note, long worker) =>
        session[s_note].Bind(1, note.Token.Id).Bind(2, note.Token.Run).Bind(3, worker).Bind(4, note.Fraction).Bind(5, note.Text)
            .Bind(6, note.Stuck).Run();
}
