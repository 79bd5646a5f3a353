using System.Collections.Concurrent;

namespace Storefront.Compare;

/// <summary>How long the endpoints took to answer, measured on the server; the page measures what the visitor feels.</summary>
public sealed class Timings
{
    // How many runs are kept; each is one click on the button. Without a limit a curious visitor would fill the memory.
    private const int KeptRuns = 100;

    private readonly ConcurrentDictionary<string, ConcurrentBag<(string Way, double Milliseconds)>> _runs = new();
    private readonly ConcurrentQueue<string> _order = new();

    public void Add(string run, string way, TimeSpan elapsed) => _runs.GetOrAdd(run, Begin).Add((way, elapsed.TotalMilliseconds));

    /// <summary>The measured times of one way in one run, ascending.</summary>
    public double[] Of(string run, string way) => _runs.TryGetValue(run, out var times)
        ? [.. times.Where(time => time.Way == way).Select(time => time.Milliseconds).Order()]
        : [];

    private ConcurrentBag<(string Way, double Milliseconds)> Begin(string run)
    {
        _order.Enqueue(run);
        if (_order.Count > KeptRuns && _order.TryDequeue(out var oldest))
        {
            _runs.TryRemove(oldest, out _);
        }

        return [];
    }
}
