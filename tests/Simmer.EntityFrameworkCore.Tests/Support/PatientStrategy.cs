using Microsoft.EntityFrameworkCore.Storage;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>An execution strategy that tries three times, without waiting.</summary>
public sealed class PatientStrategy(ExecutionStrategyDependencies dependencies, Func<Exception, bool>? isTransient = null,
    Action? onRetry = null) : ExecutionStrategy(dependencies, 2, TimeSpan.Zero)
{
    protected override bool ShouldRetryOn(Exception exception) => isTransient?.Invoke(exception) ?? exception is TroubleException;

    protected override void OnRetry() => onRetry?.Invoke();
}
