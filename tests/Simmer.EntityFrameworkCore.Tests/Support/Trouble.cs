using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>Trouble that passes, just before a commit or just after it, so that nobody hears of its success.</summary>
public sealed class Trouble : DbTransactionInterceptor
{
    /// <summary>How many commits fail.</summary>
    public int Before { get; set; }

    /// <summary>Of how many commits the answer is lost.</summary>
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
