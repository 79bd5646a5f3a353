using System.Transactions;

namespace Simmer.Enqueue;

/// <summary>The ambient transaction of System.Transactions. A store's own connections never join it: two connections in one scope need a
/// distributed transaction, in which neither database takes part. So an enqueue inside it would stay when the scope rolls back, and is
/// refused.</summary>
internal static class AmbientTransaction
{
    private static bool IsPresent
    {
        get
        {
            try
            {
                return Transaction.Current is not null;
            }
            catch (InvalidOperationException)
            {
                // Between the scope's Complete and its Dispose.
                return true;
            }
        }
    }

    /// <exception cref="InvalidOperationException">There is one.</exception>
    public static void Refuse()
    {
        if (IsPresent)
        {
            throw new InvalidOperationException(
                "The enqueue is inside a TransactionScope (System.Transactions.Transaction.Current), which it cannot be part of: it "
                    + "would be stored even if the scope rolled back. Nothing was enqueued. " +
                "To store it if and only if your transaction commits, begin that with BeginTransaction() on the connection or the "
                    + "DbContext's Database in place of the scope, and enqueue by jobs.Within(transaction) or db.Jobs(). " +
                "To store it whatever becomes of the scope, enqueue before or after it, or inside a new "
                    + "TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled).");
        }
    }
}
