namespace Peers.Running;

/// <summary>A peer did not do what it was asked.</summary>
internal sealed class PeerFailedException(string message) : Exception(message);
