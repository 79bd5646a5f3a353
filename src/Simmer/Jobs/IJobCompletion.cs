using System.Data.Common;

namespace Simmer.Jobs;

/// <summary>The success of a run, written in a transaction of its handler.</summary>
internal interface IJobCompletion
{
    /// <summary>Whether the success is written in a transaction, which may have been committed since, rolled back or neither.</summary>
    bool IsWritten { get; }

    Task WriteAsync(DbTransaction transaction, HandlerAnswer answer, CancellationToken cancellationToken);
}
