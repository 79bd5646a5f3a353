using Microsoft.EntityFrameworkCore.Storage;
using Simmer.Runtime;

namespace Simmer.EntityFrameworkCore;

/// <summary>The last batch of a SaveChanges with jobs: it stores them.</summary>
internal sealed class JobBatch(PendingJobs jobs) : EntitylessBatch
{
    public override void Execute(IRelationalConnection connection) =>
        CallerContext.Block(() => jobs.WriteAsync(connection, CancellationToken.None));

    public override Task ExecuteAsync(IRelationalConnection connection, CancellationToken cancellationToken = default) =>
        jobs.WriteAsync(connection, cancellationToken);
}
