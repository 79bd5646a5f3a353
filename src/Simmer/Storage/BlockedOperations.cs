using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The operations of a flush that were left out because another transaction has locked what they need. Nothing of them was done;
/// the rest of the flush was. The engine sends them again apart (<see cref="Flush.IsApart"/>), so that an open transaction blocks only the
/// operations that need the same rows.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class BlockedOperations
{
    /// <summary>None.</summary>
    public static readonly BlockedOperations None = new();

    /// <summary>The places of settlements in the flush.</summary>
    public IReadOnlySet<int> Settlements { get; init; } = new HashSet<int>();

    /// <summary>The places of give-backs in the flush.</summary>
    public IReadOnlySet<int> GiveBacks { get; init; } = new HashSet<int>();

    /// <summary>The places of enqueues in the flush; of a call with several jobs all or none.</summary>
    public IReadOnlySet<int> Enqueues { get; init; } = new HashSet<int>();

    /// <summary>The places of workflows in the flush.</summary>
    public IReadOnlySet<int> Workflows { get; init; } = new HashSet<int>();

    /// <summary>Whether the claims were left out for that reason, so that the answer says nothing about the queues.</summary>
    public bool Claims { get; init; }

    /// <summary>Whether there is no operation to be sent again apart.</summary>
    public bool IsEmpty => Settlements.Count + GiveBacks.Count + Enqueues.Count + Workflows.Count == 0;
}
