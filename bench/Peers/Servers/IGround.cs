namespace Peers.Servers;

/// <summary>An empty place for the jobs of one contestant; gone when it is disposed.</summary>
internal interface IGround : IAsyncDisposable
{
    /// <summary>What the peer's processes need in order to connect.</summary>
    string Address { get; }

    /// <summary>Leaves it as a server in use is between two loads, so that no measurement pays for the one before.</summary>
    Task SettleAsync();
}
