using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Internal;

namespace Simmer.EntityFrameworkCore;

// An object among the sets of a context is reset by ChangeTracker.Clear() and by the return to a pool. There is no public way to be told of
// the first, and jobs that outlived it would be stored without the entities that they belong to. So this uses an internal interface of EF.
#pragma warning disable EF1001

/// <summary>Keeps the pending jobs of a context among its sets of entities.</summary>
internal static class ContextSets
{
    public static void Enlist(DbContext context, PendingJobs pending) =>
        _ = ((IDbSetCache)context).GetOrAddSet(new Source(pending), typeof(PendingJobs));

    private sealed class Source(PendingJobs pending) : IDbSetSource
    {
        private const DynamicallyAccessedMemberTypes Entity = DynamicallyAccessedMemberTypes.PublicConstructors
            | DynamicallyAccessedMemberTypes.NonPublicConstructors
            | DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields
            | DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.NonPublicProperties
                | DynamicallyAccessedMemberTypes.Interfaces;

        public object Create(DbContext context, [DynamicallyAccessedMembers(Entity)] Type type) => pending;

        public object Create(DbContext context, string name, [DynamicallyAccessedMembers(Entity)] Type type) => pending;
    }
}
