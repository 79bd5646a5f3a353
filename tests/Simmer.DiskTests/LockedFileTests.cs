using Simmer.DiskTests.Support;

namespace Simmer.DiskTests;

/// <summary>Another program keeps the write lock.</summary>
public sealed class LockedFileTests : Folder
{
    [Theory]
    [InlineData("IMMEDIATE", 10)]
    [InlineData("EXCLUSIVE", 3)]
    public async Task A_lock_of_another_process_refuses_in_bounded_time_keeps_what_ended_and_passes(string kind, int seconds)
    {
        await using var shelf = await Shelf.StartAsync(Place, static o => o.LockTimeout = TimeSpan.FromSeconds(1));
        var running = await shelf.Jobs.EnqueueAsync(new Note(Waits: true), cancellationToken: Token);
        await Until.True(() => shelf.Runs.Contains(running.Id), "it runs");
        using var locker = await Neighbour.LockAsync(Database, kind);
        var locked = TimeProvider.System.GetTimestamp();
        shelf.LetGo();

        var (stored, refused, error) = await shelf.EnqueueUntilRefusedAsync(new Note());
        stored.ShouldBeEmpty();
        error.IsTransient.ShouldBeTrue();
        error.OutcomeUnknown.ShouldBeFalse();
        error.Message.ShouldContain("was locked by another connection");
        TimeProvider.System.GetElapsedTime(locked).TotalSeconds.ShouldBeLessThan(20, "it is refused after the lock's time-out");
        await Until.True(() => TimeProvider.System.GetElapsedTime(locked).TotalSeconds >= seconds, "the lock is kept for so long");
        await locker.EndAsync();

        await shelf.EachEndsOnceAsync([running.Id]);
        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
        (await shelf.Jobs.GetAsync(refused, Token)).ShouldBeNull("an enqueue that was refused is not stored");
        shelf.Trouble.Count.ShouldBeLessThan(40, string.Join('\n', shelf.Trouble.Select(static l => l.Text)));
    }

    [Fact]
    public async Task What_is_stored_can_be_read_while_another_process_keeps_the_lock()
    {
        await using var shelf = await Shelf.StartAsync(Place, static o => o.LockTimeout = TimeSpan.FromSeconds(1));
        var job = await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token);
        await job.WaitAsync(Token);
        using var locker = await Neighbour.LockAsync(Database, "IMMEDIATE");

        (await shelf.Jobs.GetAsync(job.Id, Token))!.State.ShouldBe(JobState.Succeeded);

        await locker.EndAsync();
    }
}
