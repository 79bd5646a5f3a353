namespace Simmer.Storage.InMemory;

internal sealed partial class InMemoryJobStore
{
    private void Note(IReadOnlyList<ProgressNote> notes, WorkerRow worker)
    {
        for (var i = 0; i < notes.Count; i++)
        {
            if (Held(notes[i].Token, worker) is { } row)
            {
                Note(row, notes[i]);
                row.Version++;
            }
        }
    }

    private static void Note(JobRow row, ProgressNote note)
    {
        var details = row.Details;
        details.Progress = note.Fraction ?? details.Progress;
        details.ProgressText = note.Text ?? details.ProgressText;
        details.Stuck = note.Stuck;
    }
}
