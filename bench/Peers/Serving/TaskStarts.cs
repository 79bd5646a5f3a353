using Peers.Measuring;

namespace Peers.Serving;

/// <summary>When the tasks of this process began.</summary>
internal sealed class TaskStarts
{
    private const int Reported = 1_000;

    private readonly Lock _gate = new();
    private readonly List<long> _starts = [];

    public Task AddAsync()
    {
        var now = Clock.Now;
        lock (_gate)
        {
            _starts.Add(now);
        }

        return Task.CompletedTask;
    }

    public TaskReport Report()
    {
        lock (_gate)
        {
            return new TaskReport(Environment.ProcessId, _starts.Count, [.. _starts.TakeLast(Reported)]);
        }
    }
}
