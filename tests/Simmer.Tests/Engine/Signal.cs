namespace Simmer.Tests.Engine;

/// <summary>Lets a test and a handler wait for each other.</summary>
internal sealed class Signal
{
    private readonly TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsSet => _set.Task.IsCompleted;

    public void Set() => _set.TrySetResult();

    public Task WaitAsync(CancellationToken? cancellationToken = null) =>
        _set.Task.WaitAsync(TimeSpan.FromSeconds(30), cancellationToken ?? TestContext.Current.CancellationToken);
}
