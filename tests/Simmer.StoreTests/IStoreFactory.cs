using Simmer.Storage;

namespace Simmer.StoreTests;

/// <summary>The way in which a store joins the conformance suite: a factory of empty stores, and of further instances on the same
/// data.</summary>
public interface IStoreFactory : IAsyncDisposable
{
    /// <summary>Makes an empty, initialised store whose leases use the caller's <c>now</c>.</summary>
    ValueTask<IJobStore> CreateAsync();

    /// <summary>Opens a second instance on the data of the first, as another process would; <see langword="null"/>: this store cannot be
    /// shared.</summary>
    ValueTask<IJobStore?> ReopenAsync() => new((IJobStore?)null);
}
