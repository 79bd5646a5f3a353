using System.Globalization;
using Simmer.DiskTests.Support;

namespace Simmer.DiskTests;

/// <summary>The disk is full, and later has room again.</summary>
public sealed class FullDiskTests
{
    private const int FlushRefused = 1021;
    private const int FlushAccepted = 1030;

    // Large, so that neither an enqueue nor a settlement fits into what the log already has.
    private static readonly string s_large = new('x', 200_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Rule", "17 SQLITE_FULL rolls the whole transaction back: settles are kept and repeated, enqueues are refused whole")]
    public async Task A_full_disk_refuses_enqueues_keeps_what_ended_and_goes_on_by_itself_when_there_is_room()
    {
        using var disk = new SmallDisk(16);
        await using var shelf = await Shelf.StartAsync(disk.Folder, answerLength: 400_000);
        var running = await EnqueueAsync(shelf, 20);
        await Until.True(() => shelf.Runs.Count == running.Count, "all run");

        disk.Fill();
        var (stored, refused, error) = await shelf.EnqueueUntilRefusedAsync(new Note(s_large));
        error.IsTransient.ShouldBeTrue();
        error.Message.ShouldContain("is full");
        error.Message.ShouldContain("free space");

        shelf.LetGo();
        await Until.True(() => shelf.Told(FlushRefused)
            .Any(static l => l.Text.Contains("Settlements that are kept and sent again: 20", StringComparison.Ordinal)),
            "what ended is kept");
        disk.Free();

        await shelf.EachEndsOnceAsync([.. running, .. stored]);
        (await shelf.Jobs.GetAsync(refused, Token)).ShouldBeNull("an enqueue that was refused is not stored");
        (await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token)).Length.ShouldBe(400_000);
        shelf.Told(FlushAccepted).ShouldNotBeEmpty();
    }

    [Fact]
    [Trait("Rule", "17 SQLITE_FULL rolls the whole transaction back: settles are kept and repeated, enqueues are refused whole")]
    public async Task Many_jobs_enqueued_at_once_on_a_disk_without_room_for_them_are_refused_whole()
    {
        using var disk = new SmallDisk(16);
        await using var shelf = await Shelf.StartAsync(disk.Folder);
        disk.Fill();

        await Should.ThrowAsync<StoreException>(() => shelf.Jobs
            .EnqueueManyAsync(Enumerable.Repeat(new Note(s_large), 50), cancellationToken: Token));
        disk.Free();

        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
        shelf.Runs.Count.ShouldBe(1, "of the fifty none is stored");
    }

    [Fact]
    public async Task A_disk_that_stays_full_is_asked_ever_more_seldom_and_told_of_in_a_few_lines()
    {
        using var disk = new SmallDisk(16);
        await using var shelf = await Shelf.StartAsync(disk.Folder, answerLength: 400_000);
        var running = await EnqueueAsync(shelf, 20);
        await Until.True(() => shelf.Runs.Count == running.Count, "all run");
        disk.Fill();
        shelf.LetGo();

        var started = TimeProvider.System.GetTimestamp();
        await Until.True(() => TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(4), "it stays full for a while");
        shelf.Trouble.Count.ShouldBeLessThan(40, string.Join('\n', shelf.Trouble.Select(static l => l.Text)));
        disk.Free();

        await shelf.EachEndsOnceAsync(running);
        await Until.True(() => shelf.Told(FlushAccepted).Count > 0, "it says that it goes on");
        RefusedInARow(shelf).ShouldBeInRange(3, 40, "50 ms, 100 ms, 200 ms and so on: not as fast as it can");
    }

    [Fact]
    public async Task A_start_on_a_full_disk_says_so()
    {
        using var disk = new SmallDisk(1);
        disk.Fill();

        var error = await Should.ThrowAsync<StoreException>(async () => await Shelf.StartAsync(disk.Folder));

        error.Message.ShouldContain("full");
        disk.Free();
        await using var shelf = await Shelf.StartAsync(disk.Folder);
        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
    }

    private static async Task<List<JobId>> EnqueueAsync(Shelf shelf, int count) =>
        [.. (await shelf.Jobs.EnqueueManyAsync(Enumerable.Repeat(new Note(Waits: true), count), cancellationToken: Token))
            .Select(static h => h.Id)];

    private static int RefusedInARow(Shelf shelf) => shelf.Told(FlushAccepted)
        .Max(static l => int.Parse(l.Text.Split("refused before that: ")[1], CultureInfo.InvariantCulture));
}
