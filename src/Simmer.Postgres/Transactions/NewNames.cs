namespace Simmer.Postgres;

/// <summary>Gives numbers to names of queues and kinds before the transaction that stores by them: one that is rolled back must not have
/// given any.</summary>
/// <param name="names">The numbers that are known.</param>
/// <param name="main">The connection that the flush keeps: where the application has used up the pool, no other may be had.</param>
internal sealed class NewNames(NameTable names, StoreConnection main)
{
    /// <summary>Adds names that were not met before, and learns what other processes have added.</summary>
    public async ValueTask AddAsync(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> kinds,
        CancellationToken cancellationToken) =>
        _ = await StoreTransactions.RunAsync(main, async (connection, attempt) =>
        {
            await names.AddAsync(connection, queues, kinds, attempt);
            return true;
        }, cancellationToken);
}
