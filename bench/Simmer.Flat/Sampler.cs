using System.Diagnostics;

namespace Simmer.Flat;

/// <summary>Reads the working set every 20 ms.</summary>
internal sealed class Sampler : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Process _self = Process.GetCurrentProcess();
    private readonly Timer _timer;
    private long _sum;
    private int _count;

    public Sampler() => _timer = new Timer(_ => Sample(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(20));

    public long Mean()
    {
        Sample();
        lock (_gate)
        {
            return _sum / _count;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _self.Dispose();
            _count = -1;
        }
    }

    private void Sample()
    {
        lock (_gate)
        {
            if (_count >= 0)
            {
                _self.Refresh();
                (_sum, _count) = (_sum + _self.WorkingSet64, _count + 1);
            }
        }
    }
}
