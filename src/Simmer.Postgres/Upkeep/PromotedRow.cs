namespace Simmer.Postgres;

/// <summary>A scheduled job that has become ready, by its place in its queue.</summary>
internal readonly record struct PromotedRow(int Queue, int Rank, long Seq, bool IsSuspect);
