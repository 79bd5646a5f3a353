using System.Diagnostics;
using Simmer.Sqlite;
using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

public sealed class Faults : SqliteTest
{
    [Fact]
    [Trait("Rule", "15")]
    public async Task A_row_that_the_database_refuses_does_not_fail_its_neighbours()
    {
        var worker = await RegisterAsync(await OpenAsync());
        Trigger("BEFORE INSERT ON simmer_job WHEN NEW.priority = 666 BEGIN SELECT RAISE(ABORT, 'not this one'); END");

        var reports = await worker.EnqueueAllAsync(Some.Draft(), Some.Draft(priority: 666), Some.Draft());

        reports.Select(static report => report.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        reports[1].Error!.Message.ShouldContain("not this one");
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_settlement_that_the_database_refuses_does_not_fail_its_neighbours()
    {
        var worker = await RegisterAsync(await OpenAsync());
        _ = await worker.EnqueueAllAsync(Some.Draft(), Some.Draft());
        var claims = await worker.ClaimAsync(2);
        Trigger("BEFORE INSERT ON simmer_history WHEN NEW.reason IS NOT 'good' BEGIN SELECT RAISE(ABORT, 'not this one'); END");

        var report = await worker.FlushAsync(settlements:
            [Some.Settlement(claims[0].Token, reason: "bad", error: Some.Error()), Some.Settlement(claims[1].Token, reason: "good")]);

        report.Settlements.Select(static settled => settled.Settled).ShouldBe([false, true]);
    }

    [Fact]
    [Trait("Rule", "17")]
    public async Task When_the_database_undoes_the_transaction_by_itself_all_is_done_again_without_what_it_was_about()
    {
        var store = await OpenAsync();
        var worker = await RegisterAsync(store);
        Trigger("BEFORE INSERT ON simmer_job WHEN NEW.priority = 666 BEGIN SELECT RAISE(ROLLBACK, 'all undone'); END");

        var reports = await worker.EnqueueAllAsync(Some.Draft(), Some.Draft(priority: 666), Some.Draft());

        reports.Select(static r => r.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        reports[1].Error!.Message.ShouldContain("all undone");
        (await store.Browser.ListAsync(new JobQuery(), Token)).Count.ShouldBe(2);
    }

    [Theory]
    [Trait("Rule", "17")]
    [InlineData("ABORT")]
    [InlineData("FAIL")]
    [InlineData("ROLLBACK")]
    public async Task A_settlement_that_a_trigger_refuses_in_whatever_way_is_to_be_sent_again(string way)
    {
        var worker = await RegisterAsync(await OpenAsync());
        _ = await worker.EnqueueAllAsync(Some.Draft(priority: 666), Some.Draft());
        var claims = await worker.ClaimAsync(2);
        Trigger($"BEFORE DELETE ON simmer_job WHEN OLD.priority = 666 BEGIN SELECT RAISE({way}, 'not this one'); END");

        var report = await worker
            .FlushAsync(settlements: [.. claims.Select(static c => Some.Settlement(c.Token))], enqueues: [new(Some.Draft(), false)]);

        report.Refusals.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(r => r.Token.ShouldBe(claims[0].Token), static r => r.Error.Message.ShouldContain("not this one"));
        (report.Settlements[1].Settled, report.Enqueues[0].Status).ShouldBe((true, EnqueueStatus.Stored));
    }

    [Fact]
    [Trait("Rule", "17")]
    public async Task A_full_disk_refuses_the_flush_as_transient_and_the_store_goes_on_when_there_is_room()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Needs to mount a small tmpfs.");
        var mount = Directory.CreateDirectory(Path.Combine(DirectoryPath, "small")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", mount) == 0, "A tmpfs cannot be mounted here.");
        try
        {
            var store = await OpenAsync(path: Path.Combine(mount, "jobs.db"));
            var worker = await RegisterAsync(store);
            _ = await worker.EnqueueAsync(Some.Draft());
            var filler = Path.Combine(mount, "filler");
            try
            {
                await File.WriteAllBytesAsync(filler, new byte[4 << 20], Token);
            }
            catch (IOException)
            {
                // Full, as it should be.
            }

            var many = Enumerable.Range(0, 5_000).Select(static _ => Some.Draft(tags: [new string('x', 90)])).ToArray();
            var error = await Should.ThrowAsync<StoreException>(async () => await worker.EnqueueAllAsync(many));
            error.IsTransient.ShouldBeTrue();
            error.Message.ShouldContain("full");

            File.Delete(filler);
            (await worker.EnqueueAsync(Some.Draft())).Status.ShouldBe(EnqueueStatus.Stored);
            (await store.Browser.ListAsync(new JobQuery(), Token)).Count.ShouldBe(2);
            await store.DisposeAsync();
        }
        finally
        {
            _ = Run("umount", "-l", mount);
        }
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_with_the_way_out()
    {
        await File.WriteAllTextAsync(FilePath, new string('x', 5000), Token);
        var error = await Should.ThrowAsync<StoreException>(async () => await OpenAsync());
        error.IsTransient.ShouldBeFalse();
        error.Message.ShouldContain("not a SQLite database");
    }

    [Fact]
    public async Task A_missing_directory_is_named()
    {
        var error = await Should
            .ThrowAsync<StoreException>(async () => await OpenAsync(path: Path.Combine(DirectoryPath, "nowhere", "jobs.db")));
        error.Message.ShouldContain("directory must exist");
    }

    [Fact]
    public async Task A_read_only_place_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "Needs to mount a read-only tmpfs.");
        var mount = Directory.CreateDirectory(Path.Combine(DirectoryPath, "fixed")).FullName;
        Assert.SkipUnless(Run("mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", mount) == 0, "A tmpfs cannot be mounted here.");
        try
        {
            var error = await Should.ThrowAsync<StoreException>(async () => await OpenAsync(path: Path.Combine(mount, "jobs.db")));
            error.Message.ShouldContain("allowed to write");
        }
        finally
        {
            _ = Run("umount", "-l", mount);
        }
    }

    [Theory]
    [Trait("Rule", "36")]
    [InlineData("/srv/data/jobs.db", "nfs4")]
    [InlineData("/srv/jobs.db", null)]
    public void A_path_on_a_network_mount_is_recognised(string path, string? type) =>
        NetworkMounts.TypeOf(path, ["/dev/vda1 / ext4 rw 0 0", "files:/x /srv/data nfs4 rw 0 0"]).ShouldBe(type);

    private void Trigger(string text)
    {
        using var connection = Connect();
        Execute(connection, $"CREATE TRIGGER bad {text}");
    }

    private static int Run(string command, params string[] arguments)
    {
        using var process = Process.Start(command, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
