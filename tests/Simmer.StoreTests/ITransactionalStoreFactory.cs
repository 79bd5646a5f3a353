using System.Data.Common;

namespace Simmer.StoreTests;

/// <summary>The way in which a store joins the conformance suite that can enqueue and settle in its callers' transactions.</summary>
public interface ITransactionalStoreFactory : IStoreFactory
{
    /// <summary>Opens a connection of the application's own to the database of the store.</summary>
    ValueTask<DbConnection> ConnectAsync();
}
