using Simmer.Load.Measuring;

namespace Simmer.Load.Running;

/// <summary>The new place of a store. It goes when it is disposed.</summary>
/// <param name="address">A folder, or a connection string.</param>
internal abstract class Ground(string address) : IAsyncDisposable
{
    public string Address => address;

    /// <summary>The statements that the database has counted so far, if the server counts them. SQLite counts in the process that
    /// asks.</summary>
    public virtual Task<StoreWork> CountAsync() => Task.FromResult(default(StoreWork));

    /// <summary>How many connections the server has to it.</summary>
    public virtual Task<long> ConnectionsAsync() => Task.FromResult(0L);

    public abstract ValueTask DisposeAsync();
}
