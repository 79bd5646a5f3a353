using System.Numerics;
using Simmer.Diagnostics;

namespace Simmer.Storage;

internal sealed partial class GroupCommit
{
    private static readonly TimeSpan s_firstRefusedRest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestRefusedRest = TimeSpan.FromMinutes(5);

    /// <summary>What ended or goes back, and was refused by the store; until it is taken the job counts as running here.</summary>
    private readonly Dictionary<LeaseToken, RefusedEnd> _refusedEnds = [];

    /// <summary>Why nothing of this process reaches the store at present, though it answers; null: it does.</summary>
    public string? Obstacle => _refusals > 0 && !_refusalIsTransient ? _lastRefusal : null;

    /// <summary>How many ends of jobs the store refuses at present, with one of them; null: none.</summary>
    public (int Count, Refusal One)? RefusedEnds
    {
        get
        {
            lock (_gate)
            {
                return _refusedEnds.Count == 0 ? null : (_refusedEnds.Count, _refusedEnds.Values.First().Refusal);
            }
        }
    }

    /// <summary>Keeps what was refused, to be sent again ever more seldom, and forgets what was taken at last.</summary>
    private void KeepRefused(Batch batch, FlushReport report)
    {
        if (_main is not null)
        {
            _main.KeepRefused(batch, report);
            return;
        }

        List<RefusedEnd>? kept = null;
        lock (_gate)
        {
            if (report.Refusals.Count + _refusedEnds.Count == 0)
            {
                return;
            }

            // A store that names one twice must not end the loop.
            var refused = new Dictionary<LeaseToken, Refusal>(report.Refusals.Count);
            foreach (var refusal in report.Refusals)
            {
                refused[refusal.Token] = refusal;
            }

            for (var i = 0; i < batch.Settlements.Count; i++)
            {
                Note(batch.Settlements[i].Token, batch.Settlements[i], report.Blocked.Settlements.Contains(i));
            }

            for (var i = 0; i < batch.GiveBacks.Count; i++)
            {
                Note(batch.GiveBacks[i], null, report.Blocked.GiveBacks.Contains(i));
            }

            void Note(LeaseToken token, Settlement? settlement, bool isBlocked)
            {
                if (isBlocked)
                {
                    return;
                }

                if (!refused.TryGetValue(token, out var refusal))
                {
                    _ = _refusedEnds.Remove(token);
                    return;
                }

                var times = _refusedEnds.TryGetValue(token, out var before) ? before.Times + 1 : 1;
                var end = new RefusedEnd(settlement, refusal, times);
                _refusedEnds[token] = end;
                (kept ??= []).Add(end);
            }
        }

        foreach (var end in kept ?? [])
        {
            Rest(end);
        }
    }

    /// <summary>Keeps an end that does not arrive even alone, to be sent again ever more seldom: those behind it must not wait for
    /// it.</summary>
    private void KeepForLater(Settlement settlement, StoreException error)
    {
        RefusedEnd end;
        lock (_gate)
        {
            var times = _refusedEnds.TryGetValue(settlement.Token, out var before) ? before.Times + 1 : 1;
            end = new RefusedEnd(settlement, new Refusal(settlement.Token, error), times);
            _refusedEnds[settlement.Token] = end;
            _ = _waitingApart.Remove(settlement.Token);
        }

        Rest(end);
    }

    private void Rest(RefusedEnd end)
    {
        var rest = RefusedRest(end.Times);
        if (BitOperations.IsPow2(end.Times))
        {
            engine.Context.Logger.EndRefused(end.Refusal.Error, engine.Store.Name, end.Refusal.Token.Id, end.Refusal.Token.Run,
                end.Settlement?.State.ToString() ?? "given back", end.Times, rest);
        }

        _ = SendAgainAsync(end, rest);
    }

    private async Task SendAgainAsync(RefusedEnd end, TimeSpan rest)
    {
        await Task.Delay(rest, engine.Context.Time);
        bool start;
        lock (_gate)
        {
            start = !_abandoned && TakeAgain(end) && Activate();
        }

        StartIf(start);
    }

    /// <summary>Sends all that was refused once more, without waiting for its time: there is no later one.</summary>
    public void SendRefusedAgain()
    {
        var start = false;
        lock (_gate)
        {
            foreach (var end in _refusedEnds.Values)
            {
                start |= TakeAgain(end);
            }

            start = start && Activate();
        }

        StartIf(start);
    }

    private bool TakeAgain(RefusedEnd end)
    {
        if (!end.Rests || !_refusedEnds.TryGetValue(end.Refusal.Token, out var present) || present != end)
        {
            return false;
        }

        end.Rests = false;
        if (end.Settlement is { } settlement)
        {
            _settlements.Add(settlement);
        }
        else
        {
            _giveBacks.Add(end.Refusal.Token);
        }

        return true;
    }

    private TimeSpan RefusedRest(int times)
    {
        var limit = Math.Min(s_longestRefusedRest.TotalMilliseconds,
            s_firstRefusedRest.TotalMilliseconds * Math.Pow(2, Math.Min(times - 1, 20)));
        return TimeSpan.FromMilliseconds(limit * (0.5 + (engine.Context.Random() / 2)));
    }

    private sealed class RefusedEnd(Settlement? settlement, Refusal refusal, int times)
    {
        /// <summary>Null: it goes back.</summary>
        public Settlement? Settlement => settlement;

        public Refusal Refusal => refusal;

        public int Times => times;

        /// <summary>Whether it waits for its time; else it is on its way.</summary>
        public bool Rests { get; set; } = true;
    }
}
