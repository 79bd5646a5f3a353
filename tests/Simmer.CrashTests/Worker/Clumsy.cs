namespace Simmer.CrashTests.Worker;

/// <summary>Its handler and what it uses throw when they are released.</summary>
[Job("clumsy", Queue = "bad", MaxAttempts = 1)]
public sealed record Clumsy : IJob;

/// <summary>Throws in Dispose.</summary>
internal sealed class ClumsyHandler(ClumsyService service, Effects effects) : IJobHandler<Clumsy>, IDisposable
{
    public Task HandleAsync(Clumsy job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        ArgumentNullException.ThrowIfNull(service);
        effect.Done();
        return Task.CompletedTask;
    }

    public void Dispose() => throw new InvalidOperationException("the handler lets go badly, as meant");
}

/// <summary>A scoped service that throws in DisposeAsync.</summary>
internal sealed class ClumsyService : IAsyncDisposable
{
    public ValueTask DisposeAsync() => throw new InvalidOperationException("the service lets go badly, as meant");
}
