namespace Storefront.Import;

/// <summary>How far an import has come. It is written in the transaction of the rows before it, so the two cannot disagree.</summary>
/// <param name="Offset">The first byte that is not imported yet; 0: nothing is, not even the header has been passed.</param>
/// <param name="Line">The line at that byte, from 1.</param>
/// <param name="Imported">Rows imported so far.</param>
/// <param name="Bad">Rows refused so far.</param>
/// <param name="Finished">Nothing is left to do.</param>
public sealed record Checkpoint(long Offset, long Line, long Imported, long Bad, bool Finished);
