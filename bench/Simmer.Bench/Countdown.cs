namespace Simmer.Bench;

/// <summary>Tells when as many jobs have run as were waited for.</summary>
internal sealed class Countdown
{
    private TaskCompletionSource _over = new();
    private int _left;

    public Task From(int count)
    {
        _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _left, count);
        return _over.Task;
    }

    public void Signal()
    {
        if (Interlocked.Decrement(ref _left) == 0)
        {
            _over.SetResult();
        }
    }
}
