using System.Runtime.InteropServices;
using Simmer.Enqueue;
using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>The operations that wait to be sent, and what of them goes into the next batch. Used under the gate of the
/// <see cref="FlushIntake"/>.</summary>
/// <param name="isDurable">Whether the store is a database: in memory, size does not matter.</param>
internal sealed class WaitingOperations(bool isDurable)
{
    /// <summary>How many calls that do not fit into a batch are passed over for later ones that do.</summary>
    private const int MostPassedOver = 100;

    private List<Settlement> _settlements = [];
    private List<LeaseToken> _giveBacks = [];
    private List<ProgressNote> _notes = [];

    // The call that has waited longest did not fit beside the settlements of the last batch. The next batch takes no settlements, so that
    // it fits: a busy process always has some.
    private bool _largeCallWaits;

    public WaitingCalls Calls { get; } = new();

    public FlushLimits Limits { get; } = new();

    public int Count => Calls.Count + _settlements.Count + _giveBacks.Count + _notes.Count;

    /// <summary>How many settlements and give-backs wait.</summary>
    public int Ends => _settlements.Count + _giveBacks.Count;

    public bool HasSettlement(LeaseToken token) => _settlements.Exists(s => s.Token == token);

    public bool HasEnd(LeaseToken token) => HasSettlement(token) || _giveBacks.Contains(token);

    /// <summary>Adds a settlement. A batch has one operation for each job, so progress that was noted before is not sent; the settlement
    /// carries the last one.</summary>
    public void Add(Settlement settlement)
    {
        DropNote(settlement.Token);
        _settlements.Add(settlement);
    }

    public void AddGiveBack(LeaseToken token)
    {
        DropNote(token);
        _giveBacks.Add(token);
    }

    public void Add(ProgressNote note)
    {
        var stuck = note.Stuck || _notes.Exists(n => n.Token == note.Token && n.Stuck);
        _notes.RemoveAll(n => n.Token == note.Token);
        _notes.Add(note with { Stuck = stuck });
    }

    public void AddRange(List<EnqueueCall> calls, List<Settlement> settlements, List<LeaseToken> giveBacks)
    {
        Calls.AddRange(calls);
        _settlements.AddRange(settlements);
        _giveBacks.AddRange(giveBacks);
    }

    // A loop by index, because a predicate would allocate a closure for every settlement. A job has at most one note.
    public void DropNote(LeaseToken token)
    {
        for (var i = 0; i < _notes.Count; i++)
        {
            if (_notes[i].Token == token)
            {
                _notes.RemoveAt(i);
                return;
            }
        }
    }

    /// <summary>Puts settlements and give-backs of a batch before all others.</summary>
    public void PutBackEnds(FlushBatch batch)
    {
        _settlements.InsertRange(0, batch.Settlements);
        _giveBacks.InsertRange(0, batch.GiveBacks);
    }

    /// <summary>Puts all of a batch before all others, with these of its calls. Notes that a later note or a settlement has overtaken are
    /// dropped.</summary>
    public void PutBack(FlushBatch batch, List<EnqueueCall> calls)
    {
        Calls.PutBack(calls);
        PutBackEnds(batch);
        _notes.InsertRange(0, batch.Notes.Where(n => !_notes.Exists(m => m.Token == n.Token) && !HasSettlement(n.Token)).ToList());
    }

    /// <summary>Moves as much into an empty batch as one flush carries.</summary>
    public void MoveInto(FlushBatch batch)
    {
        batch.Settlements = Take(ref _settlements, batch.Settlements, SettlementsThatFit(batch));
        TakeCalls(batch);
        batch.GiveBacks = Take(ref _giveBacks, batch.GiveBacks, Limits.Operations);
        batch.Notes = Take(ref _notes, batch.Notes, Limits.Operations);
    }

    private static List<T> Take<T>(ref List<T> list, List<T> empty, int most)
    {
        if (list.Count <= most)
        {
            (var all, list) = (list, empty);
            return all;
        }

        empty.AddRange(CollectionsMarshal.AsSpan(list)[..most]);
        list.RemoveRange(0, most);
        return empty;
    }

    /// <summary>How many settlements fit into the batch, in their order; the first goes however large it is.</summary>
    private int SettlementsThatFit(FlushBatch batch)
    {
        if (!isDurable)
        {
            return Limits.Operations;
        }

        if (_largeCallWaits)
        {
            return 0;
        }

        var count = 0;
        foreach (var settlement in _settlements)
        {
            var bytes = BatchLimits.BytesOf(settlement);
            if (count == Limits.Operations || (count > 0 && batch.Bytes + bytes > Limits.Bytes))
            {
                break;
            }

            batch.Bytes += bytes;
            count++;
        }

        return count;
    }

    /// <summary>Takes whole calls up to the limit; a second operation on an id that is already in the batch waits for the next one. Only
    /// <see cref="MostPassedOver"/> calls that have to wait once more are looked at, else every batch would go through all that
    /// wait.</summary>
    private void TakeCalls(FlushBatch batch)
    {
        HashSet<JobId>? given = null;
        List<EnqueueCall>? later = null;
        _largeCallWaits = false;
        var count = 0;
        while (Calls.Count > 0 && count < Limits.Operations && (batch.Bytes < Limits.Bytes || batch.Bytes == 0)
            && !(later?.Count >= MostPassedOver))
        {
            var call = Calls.Take();
            var bytes = isDurable ? call.Bytes : 0;
            var fits = (count == 0 || count + call.Count <= Limits.Operations) && (batch.Bytes == 0 || batch.Bytes + bytes <= Limits.Bytes);
            if (!fits || ClashesWith(call, ref given))
            {
                _largeCallWaits |= count == 0 && later is null;
                (later ??= []).Add(call);
                continue;
            }

            batch.Calls.Add(call);
            batch.Bytes += bytes;
            count += call.Count;
        }

        if (later is not null)
        {
            Calls.PutBack(later);
        }

        Calls.Trim();
    }

    // A call never clashes with itself: the client refuses one that gives an id twice.
    private static bool ClashesWith(EnqueueCall call, ref HashSet<JobId>? given)
    {
        for (var i = 0; i < call.Count; i++)
        {
            if (call[i].IdGiven && given is not null && given.Contains(call[i].Id))
            {
                return true;
            }
        }

        for (var i = 0; i < call.Count; i++)
        {
            if (call[i].IdGiven)
            {
                _ = (given ??= []).Add(call[i].Id);
            }
        }

        return false;
    }
}
