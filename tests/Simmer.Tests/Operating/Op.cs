namespace Simmer.Tests.Operating;

/// <summary>A job of these tests.</summary>
[Job("op", MaxAttempts = 1)]
public sealed record Op(int Number) : IJob;

/// <summary>Says how these jobs run.</summary>
internal sealed class OpCourse
{
    public volatile bool Fails;

    /// <summary>A handler waits for it.</summary>
    public Task Release { get; set; } = Task.CompletedTask;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await Release.WaitAsync(cancellationToken);
        if (Fails)
        {
            throw new InvalidOperationException("no luck");
        }
    }
}

/// <summary>Calls an action at each report, before the batch after it.</summary>
internal sealed class Reports(Action<BulkResult>? then = null) : IProgress<BulkResult>
{
    public List<BulkResult> All { get; } = [];

    public void Report(BulkResult value)
    {
        All.Add(value);
        then?.Invoke(value);
    }
}
