namespace Peers.Measuring;

/// <summary>The measurements in jobs per second.</summary>
internal enum Rate
{
    /// <summary>64 callers, one job a call; or 64 connections, one request with one task.</summary>
    Enqueue,
    Bulk,
    Drain,
}
