using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Writes what the jobs of this process report, and takes it along when they end.</summary>
/// <param name="noted">The jobs that have reported something.</param>
/// <param name="logger">Told of refusals.</param>
internal sealed class ReportedProgress(NotedJobs noted, ILogger logger)
{
    /// <summary>Takes along what was reported under a lease that ends in a handler's transaction.</summary>
    /// <param name="batch">Takes the statements, behind the lock of the job's row.</param>
    /// <param name="token">The lease that ends.</param>
    /// <param name="worker">Whose it is.</param>
    /// <param name="seesPast">Whether the transaction has a snapshot, and so cannot read what was reported since.</param>
    public void TakeWithin(SqlBatch batch, LeaseToken token, long worker, bool seesPast)
    {
        if (noted.Of(token, new WorkerId(worker)) is not { } known)
        {
            return;
        }

        if (!seesPast)
        {
            ProgressRows.Take(batch, [token]);
            return;
        }

        ProgressRows.Keep(batch, token, worker, known);
    }

    /// <summary>Counts the reports for the version of a job that ends, if they cannot be taken along, so that a watcher that has seen them
    /// also sees the end.</summary>
    public void Count(SqlBatch batch, LeaseToken token, long worker)
    {
        if (noted.Of(token, new WorkerId(worker)) is { } known)
        {
            ProgressRows.Keep(batch, token, worker, known with { Fraction = null, Text = null });
        }
    }

    /// <summary>Notes reports behind savepoints. One that is refused is noted without its text, or not at all: the job's end does not
    /// depend on what it says.</summary>
    public async Task NoteCarefullyAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker)
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
                Log.ProgressRefused(logger, refused, note.Token.Id, note.Token.Run);
            }
        }
    }

    private static Task<Exception?> TryNoteAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker) =>
        session.TryAsync($"note {notes[0].Token} {notes.Count} {notes[0].Text == StoreRules.RefusedText}", () =>
        {
            var batch = session.Batch();
            ProgressRows.Note(batch, notes, worker);
            return batch.RunAsync();
        });
}
