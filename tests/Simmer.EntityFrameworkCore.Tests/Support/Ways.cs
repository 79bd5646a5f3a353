using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>Both ways to save and to commit, for theories that hold for either.</summary>
public static class Ways
{
    public static TheoryData<bool> Both => new(true, false);

    public static async Task<int> SaveAsync(this DbContext context, bool asynchronously, bool accept = true) => asynchronously
        ? await context.SaveChangesAsync(accept, TestContext.Current.CancellationToken)
        : context.SaveChanges(accept);

    public static async Task CommitAsync(this IDbContextTransaction transaction, bool asynchronously)
    {
        if (asynchronously)
        {
            await transaction.CommitAsync(TestContext.Current.CancellationToken);
        }
        else
        {
            transaction.Commit();
        }
    }
}
