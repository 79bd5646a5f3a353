using Peers.Measuring;

namespace Peers.Serving;

/// <summary>Counts the jobs that ran in this process, and times their starts.</summary>
internal sealed class Tally
{
    private readonly Lock _gate = new();
    private readonly List<double> _starts = new(1 << 17);
    private readonly Dictionary<long, TaskCompletionSource<long>> _awaited = [];
    private long _ran;

    public long Ran => Volatile.Read(ref _ran);

    public void RanOne(long at)
    {
        var now = Clock.Now;
        TaskCompletionSource<long>? reached;
        lock (_gate)
        {
            if (at != 0)
            {
                _starts.Add(Clock.Microseconds(now - at));
            }

            _ran++;
            _awaited.Remove(_ran, out reached);
        }

        reached?.SetResult(now);
    }

    /// <summary>When the job of this number, counted from the first, had run.</summary>
    public Task<long> WhenAsync(long count)
    {
        lock (_gate)
        {
            if (_ran >= count)
            {
                return Task.FromResult(Clock.Now);
            }

            if (!_awaited.TryGetValue(count, out var reached))
            {
                _awaited.Add(count, reached = new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            return reached.Task;
        }
    }

    /// <summary>How long the last timed jobs took to start, once there are so many.</summary>
    public async Task<IReadOnlyList<double>> StartsAsync(int count)
    {
        Task<long> enough;
        lock (_gate)
        {
            enough = WhenAsync(_ran - _starts.Count + count);
        }

        await enough;
        lock (_gate)
        {
            double[] starts = [.. _starts];
            _starts.Clear();
            return starts;
        }
    }
}
