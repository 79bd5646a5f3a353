using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>Adds one job, in the first save.</summary>
public sealed class AddOnce : SaveChangesInterceptor
{
    public JobHandle? Handle { get; private set; }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result,
        CancellationToken cancellationToken = default)
    {
        Handle ??= eventData.Context!.Jobs().Add(new Pack("A1"));
        return new(result);
    }
}
