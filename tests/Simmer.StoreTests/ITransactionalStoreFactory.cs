using System.Data.Common;

namespace Simmer.StoreTests;

/// <summary>How a store that takes part in its callers' transactions joins the conformance suite.</summary>
public interface ITransactionalStoreFactory : IStoreFactory
{
    /// <summary>Opens a connection of the application's own to the database of the store.</summary>
    ValueTask<DbConnection> ConnectAsync();
}
