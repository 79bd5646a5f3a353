using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What <see cref="QueuePutResult"/> promises: the version of the application decides, not the time.</summary>
public sealed class QueueDeclarationTests
{
    /// <summary>A declaration is a version and how many days failed jobs are kept.</summary>
    [Theory]
    [InlineData(null, 14, "1.0", 14, QueuePutResult.Stored)]
    [InlineData("1.0", 14, "1.1", 7, QueuePutResult.Stored)]
    [InlineData("1.0", 14, "1.1", 14, QueuePutResult.Stored)]
    [InlineData("1.0", 14, "1.0", 14, QueuePutResult.Unchanged)]
    [InlineData("1.0", 14, "1.0.0.0", 14, QueuePutResult.Unchanged)]
    [InlineData("1.0", 14, "1.0", 7, QueuePutResult.Contradicts)]
    [InlineData("1.1", 14, "1.0", 7, QueuePutResult.Older)]
    [InlineData("1.1", 14, "1.0", 14, QueuePutResult.Unchanged)]
    [InlineData("1.9", 14, "1.10", 7, QueuePutResult.Stored)]
    public void The_newest_version_counts_and_of_one_version_the_first_declaration(string? stands, int standsDays, string version, int days,
        QueuePutResult expected) =>
        QueueDeclaration.Decide(stands is null ? null : Declared(stands, standsDays), Declared(version, days)).ShouldBe(expected);

    private static DeclaredQueue Declared(string version, int days) =>
        DeclaredQueue.Of(new QueuePolicy("mail") { KeepFailed = TimeSpan.FromDays(days) }, Version.Parse(version));
}
