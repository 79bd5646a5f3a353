using Microsoft.Extensions.Logging;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Jobs and workflows that this process leaves alone for a while, because the database has refused to change them. Without it
/// every sweep would meet them first, and be refused again.</summary>
internal sealed class AvoidedJobs(ILogger logger)
{
    private readonly AvoidedRows<Guid> _rows = new();

    /// <summary>The ids that are left alone at this time.</summary>
    public Guid[] Present(DateTimeOffset now) => _rows.Present(now);

    /// <summary>Leaves a row alone from now on.</summary>
    /// <returns>For how long.</returns>
    public TimeSpan Avoid(Guid id, DateTimeOffset now) => _rows.Avoid(id, now);

    /// <summary>Leaves those alone that were refused, and logs each.</summary>
    /// <param name="refused">The jobs, or the ids of workflows as those of jobs, each with the refusal.</param>
    /// <param name="what">What was refused, as in "could not be pruned".</param>
    /// <param name="now">The present time.</param>
    public void Avoid(List<(JobId Id, Exception Error)> refused, string what, DateTimeOffset now)
    {
        foreach (var (id, error) in refused)
        {
            Log.Avoided(logger, error, id, what, Avoid(id.Value, now));
        }
    }
}
