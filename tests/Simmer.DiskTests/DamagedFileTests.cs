using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Simmer.DiskTests.Support;

namespace Simmer.DiskTests;

/// <summary>The file is damaged, is no database, or is of a later version.</summary>
public sealed class DamagedFileTests : Folder
{
    private const int FileDamaged = 2009;

    [Fact]
    public async Task A_file_damaged_under_a_running_process_is_told_once_and_touched_no_more()
    {
        await using var shelf = await Shelf.StartAsync(Place, lease: TimeSpan.FromSeconds(3));
        await StoreManyAsync(shelf);
        Checkpoint();
        Damage();

        // Every change by another connection has SQLite read its pages anew, and each beat is one.
        await Until.True(() => shelf.Told(FileDamaged).Count == 1 || TryEnqueue(shelf), "the damage is met");
        var error = await Should.ThrowAsync<StoreException>(() => shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token));
        error.IsTransient.ShouldBeFalse();
        error.Message.ShouldContain("damaged SQLite database");
        error.Message.ShouldContain(".recover");
        (await shelf.HealthAsync()).Status.ShouldBe(HealthStatus.Unhealthy);
        shelf.Told(FileDamaged).ShouldHaveSingleItem().Level.ShouldBe(LogLevel.Critical);

        var untouched = await File.ReadAllBytesAsync(Database, Token);
        await Should.ThrowAsync<StoreException>(() => shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token));
        (await File.ReadAllBytesAsync(Database, Token)).ShouldBe(untouched);
        shelf.Trouble.Count.ShouldBeLessThan(60, string.Join('\n', shelf.Trouble.Select(static l => l.Text)));
    }

    [Fact]
    public async Task A_closed_file_with_damaged_pages_is_named_at_the_start_or_when_they_are_met()
    {
        await using (var shelf = await Shelf.StartAsync(Place))
        {
            await StoreManyAsync(shelf);
        }

        Damage();

        var error = await Should.ThrowAsync<StoreException>(async () =>
        {
            await using var shelf = await Shelf.StartAsync(Place);
            _ = await shelf.EnqueueUntilRefusedAsync(new Note()) is var (_, _, refused) ? throw refused : 0;
        });
        error.Message.ShouldContain("damaged SQLite database");
    }

    [Fact]
    public async Task A_file_that_is_no_database_stops_the_start_and_is_left_as_it_is()
    {
        var letter = Enumerable.Repeat((byte)'x', 20_000).ToArray();
        await File.WriteAllBytesAsync(Database, letter, Token);

        var error = await Should.ThrowAsync<StoreException>(async () => await Shelf.StartAsync(Place));

        error.Message.ShouldContain("not a SQLite database");
        (await File.ReadAllBytesAsync(Database, Token)).ShouldBe(letter);
    }

    [Fact]
    public async Task A_schema_that_this_version_cannot_use_stops_the_start_and_says_what_to_update()
    {
        await using (await Shelf.StartAsync(Place))
        {
            // It made the file.
        }

        Execute("INSERT INTO simmer_schema VALUES(9000, 1, 0)");

        var error = await Should.ThrowAsync<StoreException>(async () => await Shelf.StartAsync(Place));

        error.Message.ShouldContain("version 9000");
        error.Message.ShouldContain("Update Simmer.Sqlite");
    }

    [Fact]
    public async Task A_file_that_may_not_be_written_stops_the_start_and_starts_when_it_may()
    {
        await using (await Shelf.StartAsync(Place))
        {
            // It made the file.
        }

        Assert.SkipUnless(Tool.TryRun("chattr", "+i", Database),
            "A file is made unchangeable with chattr +i: run the tests as root on ext4, xfs or btrfs.");
        try
        {
            var error = await Should.ThrowAsync<StoreException>(async () => await Shelf.StartAsync(Place));
            error.Message.ShouldContain("write permission");
        }
        finally
        {
            _ = Tool.TryRun("chattr", "-i", Database);
        }

        await using var shelf = await Shelf.StartAsync(Place);
        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_for_a_while_delays_and_loses_nothing()
    {
        await using var shelf = await Shelf.StartAsync(Place);
        var running = await shelf.Jobs.EnqueueAsync(new Note(Waits: true), cancellationToken: Token);
        await Until.True(() => shelf.Runs.Contains(running.Id), "it runs");
        Assert.SkipUnless(Tool.TryRun("chattr", "+i", Database + "-wal"),
            "A file is made unchangeable with chattr +i: run the tests as root on ext4, xfs or btrfs.");
        JobId refused;
        try
        {
            (_, refused, var error) = await shelf.EnqueueUntilRefusedAsync(new Note());
            error.Message.ShouldContain(Database);
            shelf.LetGo();
        }
        finally
        {
            _ = Tool.TryRun("chattr", "-i", Database + "-wal");
        }

        await shelf.EachEndsOnceAsync([running.Id]);
        await (await shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token)).WaitAsync(Token);
        shelf.Runs.Count(id => id == refused).ShouldBeLessThanOrEqualTo(1);
    }

    private static bool TryEnqueue(Shelf shelf)
    {
        try
        {
            _ = shelf.Jobs.EnqueueAsync(new Note(), cancellationToken: Token).GetAwaiter().GetResult();
            return false;
        }
        catch (StoreException)
        {
            return true;
        }
    }

    private static Task StoreManyAsync(Shelf shelf) => shelf.Jobs.EnqueueManyAsync(
        Enumerable.Repeat(new Note(new string('x', 500)), 4_000), new EnqueueOptions { Delay = TimeSpan.FromHours(1) },
            cancellationToken: Token);

    /// <summary>Overwrites the middle of every page but the first few: which of them is met first does not matter.</summary>
    private void Damage()
    {
        using var file = new FileStream(Database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var noise = new byte[3_000];
        new Random(1).NextBytes(noise);
        for (var page = 3; (page * 4096) + 4096 <= file.Length; page++)
        {
            file.Position = page * 4096;
            file.Write(noise);
        }
    }

    private void Checkpoint() => Execute("PRAGMA wal_checkpoint(TRUNCATE)");

    private void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
