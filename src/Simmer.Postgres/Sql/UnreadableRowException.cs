namespace Simmer.Postgres;

/// <summary>A row that the statement gave holds what no version of this store writes.</summary>
internal sealed class UnreadableRowException(Exception cause) : Exception($"A row cannot be read: {cause.Message}", cause);
