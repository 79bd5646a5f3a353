using Microsoft.EntityFrameworkCore;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>Both ways to save, for theories that hold for either.</summary>
public static class Ways
{
    public static TheoryData<bool> Both => new(true, false);

    public static async Task<int> SaveAsync(this DbContext context, bool asynchronously, bool accept = true) => asynchronously
        ? await context.SaveChangesAsync(accept, TestContext.Current.CancellationToken)
        : context.SaveChanges(accept);
}
