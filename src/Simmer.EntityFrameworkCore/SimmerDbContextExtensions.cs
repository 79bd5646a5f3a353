using Simmer.EntityFrameworkCore;

namespace Microsoft.EntityFrameworkCore;

/// <summary>The jobs of a context.</summary>
public static class SimmerDbContextExtensions
{
    /// <summary>The jobs of this context: what is added to them is stored by the next <c>SaveChanges</c>, in its transaction.</summary>
    /// <param name="context">A context whose options were given <c>UseSimmer()</c>.</param>
    /// <returns>The jobs, the same object each time.</returns>
    /// <exception cref="InvalidOperationException">The context was not set up for jobs, or its database is not a relational
    /// one.</exception>
    /// <exception cref="ObjectDisposedException">The context is disposed.</exception>
    public static JobSet Jobs(this DbContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return PendingJobs.Of(context).Set;
    }
}
