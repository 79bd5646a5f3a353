using Peers.Contestants;
using Peers.Measuring;

namespace Peers.Running;

/// <summary>What a run has found.</summary>
/// <param name="Plan">How much was measured.</param>
/// <param name="Scores">The contestants in their order.</param>
/// <param name="Servers">The servers' versions and durability.</param>
internal sealed record Result(Plan Plan, IReadOnlyDictionary<Contestant, Score> Scores, IReadOnlyList<string> Servers);
