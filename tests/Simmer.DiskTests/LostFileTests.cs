using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Simmer.DiskTests.Support;

namespace Simmer.DiskTests;

/// <summary>The files are deleted, moved or replaced while a process has them open. SQLite writes on into them without an error.</summary>
public sealed class LostFileTests : Folder
{
    private const int FileGone = 2005;
    private const int FileBack = 2010;

    public LostFileTests() => Assert
        .SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells which file bears a name, and Windows lets nobody delete an open one.");

    [Theory]
    [InlineData("")]
    [InlineData("-wal")]
    [InlineData("-shm")]
    public async Task Nothing_is_acknowledged_once_a_file_is_deleted(string suffix)
    {
        await using var shelf = await Shelf.StartAsync(Place);
        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);

        File.Delete(Database + suffix);
        for (var i = 0; i < 3; i++)
        {
            var error = await Should.ThrowAsync<StoreException>(() => shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token));
            error.IsTransient.ShouldBeFalse();
            error.Message.ShouldContain("deleted, moved or replaced");
            error.Message.ShouldContain("restart the process");
        }

        var told = shelf.Told(FileGone).ShouldHaveSingleItem();
        told.Level.ShouldBe(LogLevel.Critical);
        var (health, text) = await shelf.HealthAsync();
        health.ShouldBe(HealthStatus.Unhealthy);
        text.ShouldContain("deleted, moved or replaced");
    }

    [Fact]
    public async Task An_idle_worker_notices_by_its_beat_and_its_handlers_are_told_to_stop()
    {
        await using var shelf = await Shelf.StartAsync(Place, lease: TimeSpan.FromSeconds(3));
        var handle = await shelf.Jobs.EnqueueAsync(new Note(Waits: true), cancellationToken: Token);
        await Until.True(() => shelf.Runs.Contains(handle.Id), "it runs");

        File.Delete(Database);

        await Until.True(() => shelf.Told(FileGone).Count == 1, "the beat notices");
        await Until.True(() => shelf.Trouble
            .Any(static l => l.Text.Contains("Handlers are told to stop", StringComparison.Ordinal)), "the lease is over");
        shelf.Trouble.Count.ShouldBeLessThan(40);
    }

    [Fact]
    public async Task A_database_that_is_put_back_is_used_again_and_what_it_held_runs_once()
    {
        await using var shelf = await Shelf.StartAsync(Place, lease: TimeSpan.FromSeconds(3));
        var later = await shelf.Jobs.EnqueueAsync(new Note(), new EnqueueOptions { Delay = TimeSpan.FromSeconds(1) }, Token);
        File.Move(Database, Database + ".moved");
        await Should.ThrowAsync<StoreException>(() => shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token));

        File.Move(Database + ".moved", Database);

        await Until.True(() => shelf.Told(FileBack).Count > 0, "it is used again");
        JobHandle? handle = null;
        await Until.True(() => (handle = TryEnqueue(shelf)) is not null, "enqueues are taken again");
        await shelf.EachEndsOnceAsync([later.Id, handle!.Id]);
        await Until.True(() => shelf.HealthAsync().GetAwaiter().GetResult().Status == HealthStatus.Healthy, "it is healthy");
    }

    [Fact]
    public async Task A_restart_begins_a_new_file_and_the_old_process_does_not_take_it_for_its_own()
    {
        await using var old = await Shelf.StartAsync(Place);
        await (await old.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
        foreach (var file in new[] { Database, Database + "-wal", Database + "-shm" })
        {
            File.Delete(file);
        }

        await using var fresh = await Shelf.StartAsync(Place);
        var handle = await fresh.Jobs.EnqueueAsync(new Note(), cancellationToken: Token);
        await Should.ThrowAsync<StoreException>(() => old.Jobs.EnqueueAsync(new Note(), cancellationToken: Token));

        await fresh.EachEndsOnceAsync([handle.Id]);
        old.Told(FileGone).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_process_whose_file_is_gone_stops_in_bounded_time_and_makes_no_new_one()
    {
        var shelf = await Shelf.StartAsync(Place);
        var handle = await shelf.Jobs.EnqueueAsync(new Note(Waits: true), cancellationToken: Token);
        await Until.True(() => shelf.Runs.Contains(handle.Id), "it runs");
        File.Delete(Database);
        shelf.LetGo();

        await shelf.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(45), Token);

        File.Exists(Database).ShouldBeFalse();
    }

    private static JobHandle? TryEnqueue(Shelf shelf)
    {
        try
        {
            return shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token).GetAwaiter().GetResult();
        }
        catch (StoreException)
        {
            return null;
        }
    }
}
