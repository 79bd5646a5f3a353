namespace Simmer.Postgres;

/// <summary>The best rank among the jobs of one statement that will be ready.</summary>
/// <param name="Sure">The best rank of the jobs that will be stored in any case.</param>
/// <param name="Unsure">The best rank of those that will be stored if they are no duplicates.</param>
internal readonly record struct BestRank(long Sure, long Unsure)
{
    public static readonly BestRank None = new(long.MaxValue, long.MaxValue);

    public BestRank With(int rank, bool sure) =>
        sure ? this with { Sure = Math.Min(Sure, rank) } : this with { Unsure = Math.Min(Unsure, rank) };
}
