namespace Simmer.Postgres;

/// <summary>A queue or a kind has no number in the database, because that refused to take its name.</summary>
internal sealed class UnknownNameException(string message) : Exception(message);
