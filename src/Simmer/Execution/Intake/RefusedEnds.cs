using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>The ends of runs, and the give-backs, that the store refused. Until the store takes one, its job counts as running here. Used
/// under the gate of the <see cref="FlushIntake"/>.</summary>
internal sealed class RefusedEnds
{
    private readonly Dictionary<LeaseToken, RefusedEnd> _ends = [];

    public IReadOnlyCollection<RefusedEnd> All => _ends.Values;

    public bool Has(LeaseToken token) => _ends.ContainsKey(token);

    /// <summary>Whether this is the present refusal of its job, and it waits for its time.</summary>
    public bool Rests(RefusedEnd end) => end.Rests && _ends.TryGetValue(end.Token, out var present) && present == end;

    public RefusedEnd Keep(Settlement? settlement, Refusal refusal)
    {
        var times = _ends.TryGetValue(refusal.Token, out var before) ? before.Times + 1 : 1;
        return _ends[refusal.Token] = new RefusedEnd(settlement, refusal, times);
    }

    /// <summary>Keeps what the store refused of a batch, and forgets what it has taken at last.</summary>
    /// <returns>What was kept; null: nothing.</returns>
    public List<RefusedEnd>? Update(FlushBatch batch, FlushReport report)
    {
        if (report.Refusals.Count + _ends.Count == 0)
        {
            return null;
        }

        // A store that names one twice must not end the loop.
        var refused = new Dictionary<LeaseToken, Refusal>(report.Refusals.Count);
        foreach (var refusal in report.Refusals)
        {
            refused[refusal.Token] = refusal;
        }

        List<RefusedEnd>? kept = null;
        for (var i = 0; i < batch.Settlements.Count; i++)
        {
            Update(batch.Settlements[i].Token, batch.Settlements[i], report.Blocked.Settlements.Contains(i));
        }

        for (var i = 0; i < batch.GiveBacks.Count; i++)
        {
            Update(batch.GiveBacks[i], null, report.Blocked.GiveBacks.Contains(i));
        }

        return kept;

        void Update(LeaseToken token, Settlement? settlement, bool isBlocked)
        {
            if (isBlocked)
            {
                return;
            }

            if (refused.TryGetValue(token, out var refusal))
            {
                (kept ??= []).Add(Keep(settlement, refusal));
            }
            else
            {
                _ = _ends.Remove(token);
            }
        }
    }
}
