namespace Peers.Serving;

/// <summary>The report of a web server's process on its tasks.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Ran">How many have run.</param>
/// <param name="Starts">When the last 1,000 of them began, by the monotonic clock.</param>
internal sealed record TaskReport(int Process, long Ran, IReadOnlyList<long> Starts);
