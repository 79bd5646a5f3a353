namespace Simmer.Servers;

/// <summary>Lets bytes pass while it is open.</summary>
internal sealed class Valve
{
    private volatile TaskCompletionSource? _closed;

    /// <summary>Ends when it is open.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => _closed?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public void Close() => _closed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open()
    {
        _closed?.TrySetResult();
        _closed = null;
    }
}
