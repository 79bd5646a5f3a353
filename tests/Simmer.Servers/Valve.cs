namespace Simmer.Servers;

/// <summary>Lets bytes pass while it is open.</summary>
internal sealed class Valve
{
    private readonly Lock _gate = new();
    private volatile TaskCompletionSource? _closed;
    private long _bytesPerSecond;
    private long _freeAt;

    /// <summary>Ends when it is open.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => _closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>From now on bytes pass this fast, all connections together; 0: as fast as they come.</summary>
    public void Narrow(long bytesPerSecond) => Volatile.Write(ref _bytesPerSecond, bytesPerSecond);

    /// <summary>Ends when so many bytes may pass.</summary>
    public Task PassAsync(int bytes, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _bytesPerSecond) is not (> 0 and var rate))
        {
            return Task.CompletedTask;
        }

        var time = TimeProvider.System;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _freeAt = Math.Max(_freeAt, now) + (time.TimestampFrequency * bytes / rate);
            var wait = TimeSpan.FromSeconds((_freeAt - now) / (double)time.TimestampFrequency);
            return wait < TimeSpan.FromMilliseconds(5) ? Task.CompletedTask : Task.Delay(wait, cancellationToken);
        }
    }

    public void Close() => _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open()
    {
        _closed?.TrySetResult();
        _closed = null;
    }
}
