using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>Makes commits fail for a while: just before the commit, or just after it, so that its success is not known.</summary>
public sealed class Trouble : DbTransactionInterceptor
{
    /// <summary>How many commits fail.</summary>
    public int Before { get; set; }

    /// <summary>For how many commits the answer is lost.</summary>
    public int After { get; set; }

    public override InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData,
        InterceptionResult result)
    {
        if (Before > 0)
        {
            Before--;
            throw new TroubleException("The connection was lost before the commit.");
        }

        if (After > 0)
        {
            After--;
            transaction.Commit();
            throw new TroubleException("The connection was lost after the commit.");
        }

        return result;
    }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData,
        InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(TransactionCommitting(transaction, eventData, result));
}

public sealed class TroubleException(string message) : Exception(message);
