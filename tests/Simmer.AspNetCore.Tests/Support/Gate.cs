namespace Simmer.AspNetCore.Tests.Support;

/// <summary>Something a test waits for, or makes others wait for.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOpen => _source.Task.IsCompleted;

    public void Open() => _source.TrySetResult();

    /// <summary>Waits for the gate in the application, without a limit.</summary>
    public Task Opened(CancellationToken cancellationToken = default) => _source.Task.WaitAsync(cancellationToken);

    /// <summary>Waits for the gate in a test, which fails if it does not open soon.</summary>
    public Task Soon() => _source.Task.Soon();
}

internal static class Patience
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    public static Task Soon(this Task task) => task.WaitAsync(s_longest, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(s_longest, TestContext.Current.CancellationToken);
}
