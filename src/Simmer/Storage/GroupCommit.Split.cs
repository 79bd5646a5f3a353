using Simmer.Diagnostics;

namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    /// <summary>A flush of fewer bytes is not too large for any way to a database.</summary>
    private const long Heavy = 64 * 1024;

    /// <summary>How often what goes alone is tried before its caller is told that it cannot be carried.</summary>
    private const int TriesAlone = 3;

    private int _mostOperations = BatchLimits.Operations;
    private long _mostBytes = BatchLimits.Bytes;
    private int _splits;

    /// <summary>After a heavy flush without an answer: whether it was certainly not carried out. Asked by an empty flush under its number,
    /// which a small answer suffices for: it takes the number, or finds it taken.</summary>
    private async ValueTask<bool> WasNotCarriedOutAsync(Batch batch, WorkerId worker, long sequence)
    {
        if (batch.Bytes < Heavy || batch.Operations == 0)
        {
            return false;
        }

        FlushReport report;
        try
        {
            report = await engine.Store.FlushAsync(
                new Flush { Worker = worker, Sequence = sequence, IsRepeat = true, IsApart = _main is not null,
                    Kinds = engine.Context.Catalog.Runnable }, engine.Context.Now, CancellationToken.None);
        }
        catch (Exception)
        {
            // Nothing is known yet, whatever it was: the flush is repeated.
            return false;
        }

        if (report is { WorkerGone: true, WasRepeat: false })
        {
            engine.WorkerGone(worker);
        }

        return !report.WasRepeat;
    }

    /// <summary>A heavy flush did not arrive: its operations go in smaller ones, and one that does not arrive alone is refused.</summary>
    private async Task SplitAsync(Batch batch, StoreException error)
    {
        Unplan(batch);
        var calls = new List<EnqueueCall>();
        foreach (var call in batch.Calls)
        {
            // Asked once: whoever is told meanwhile goes on with the others, and leaves with them.
            if (call.IsTold)
            {
                call.Leave();
            }
            else
            {
                calls.Add(call);
            }
        }

        if (calls is [var alone] && batch.Settlements.Count == 0 && ++alone.Failures >= TriesAlone)
        {
            calls.Clear();
            alone.Leave();
            alone.Fail(new StoreException(
                $"Store '{engine.Store.Name}' could not be reached with this call in {TriesAlone} tries (jobs: {alone.Count:N0}, bytes: "
                    + $"{alone.Bytes:N0}); nothing of it is stored. " +
                $"Give fewer jobs in each call, or store the data elsewhere and put where it is into the job. {error.Message}",
                    inner: error));
        }

        if (calls.Count == 0 && batch.GiveBacks.Count == 0 && batch.Settlements is [var end])
        {
            (_main ?? this).KeepForLater(end, error);
            batch.Settlements.Clear();
        }

        lock (_gate)
        {
            _mostOperations = Math.Max(1, Math.Min(_mostOperations, batch.Operations) / 2);
            _mostBytes = Math.Max(Heavy, Math.Min(_mostBytes, batch.Bytes) / 2);
            _enqueues.PutBack(calls);

            // They are not on their way any more: whose time is over now is not stored.
            batch.Calls.Clear();
            _settlements.InsertRange(0, batch.Settlements);
            _giveBacks.InsertRange(0, batch.GiveBacks);
            _notes.InsertRange(0, batch.Notes
                .Where(n => !_notes.Exists(m => m.Token == n.Token) && !_settlements.Exists(s => s.Token == n.Token)).ToList());
        }

        engine.Context.Logger.FlushSplit(error, engine.Store.Name, batch.Operations, batch.Bytes);
        await Task.Delay(BackOff(_splits++), engine.Context.Time);
    }

    /// <summary>A flush has arrived: the next may be larger again.</summary>
    private void Arrived()
    {
        if (_splits == 0)
        {
            return;
        }

        lock (_gate)
        {
            _mostOperations = Math.Min(BatchLimits.Operations, _mostOperations * 2);
            _mostBytes = Math.Min(BatchLimits.Bytes, _mostBytes * 2);
            _splits = _mostBytes == BatchLimits.Bytes && _mostOperations == BatchLimits.Operations ? 0 : 1;
        }
    }
}
