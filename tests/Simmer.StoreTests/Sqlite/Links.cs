using Microsoft.Data.Sqlite;
using Simmer.Sqlite;

namespace Simmer.StoreTests.Sqlite;

/// <summary>One file, and the many ways to name it.</summary>
public sealed class Links : SqliteTest
{
    private string Real => Path.Combine(DirectoryPath, "real", "shop.db");

    /// <summary>Names of the file, relative to the directory of the test: a link to the file, a link to that link, a link to its folder,
    /// and other spellings of its path.</summary>
    public static TheoryData<string, string> Names()
    {
        string[] names = ["real/shop.db", "link.db", "relative.db", "again.db", "folder/shop.db", "real/../real/./shop.db",
            "folder/../real//shop.db", "deep/back/shop.db"];
        return [.. from store in names from application in names where store == "real/shop.db" || application == "real/shop.db"
            || store == application select (store, application)];
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_transaction_on_the_same_file_is_taken_whatever_the_names_are(string store, string application)
    {
        MakeLinks();
        await using var opened = await OpenAsync(path: Path.Combine(DirectoryPath, store));
        await EnqueueWithinAsync(opened, $"Data Source={Path.Combine(DirectoryPath, application)};Pooling=False");
        await EnqueueWithinAsync(opened, $"Data Source=file:{Path.Combine(DirectoryPath, application)}?mode=rw;Pooling=False");
        await EnqueueWithinAsync(opened,
            $"Data Source={Path.GetRelativePath(Environment.CurrentDirectory, DirectoryPath)}/{application};Pooling=False");

        // The files beside it are those of the file itself: processes that came by other names meet there.
        Directory.EnumerateFiles(Path.GetDirectoryName(Real)!).Select(Path.GetFileName).ShouldContain("shop.db-turn");
        Directory.EnumerateFiles(DirectoryPath, "*-turn").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_to_a_file_that_is_not_there_yet_is_made_the_database()
    {
        MakeLinks();
        await using (await OpenAsync(path: Path.Combine(DirectoryPath, "link.db")))
        {
            File.Exists(Real).ShouldBeTrue();
        }

        new FileInfo(Path.Combine(DirectoryPath, "link.db")).LinkTarget.ShouldBe(Real);
    }

    [Fact]
    public async Task Stores_that_came_by_two_names_share_the_jobs()
    {
        MakeLinks();
        await using var one = await OpenAsync(path: Path.Combine(DirectoryPath, "link.db"));
        await using var other = await OpenAsync(path: Path.Combine(DirectoryPath, "folder", "shop.db"));
        var draft = Some.Draft();
        _ = await (await RegisterAsync(one)).EnqueueAsync(draft);

        (await (await RegisterAsync(other)).ClaimAsync()).ShouldHaveSingleItem().Job.Id.ShouldBe(draft.Id);
    }

    [Fact]
    public async Task A_hard_link_has_a_log_of_its_own_and_is_refused_with_the_reason()
    {
        MakeLinks();
        await using var store = await OpenAsync(path: Real);
        var hard = Path.Combine(DirectoryPath, "hard.db");
        Link(Real, hard);
        await using var connection = new SqliteConnection($"Data Source={hard};Pooling=False");
        connection.Open();
        await using var transaction = connection.BeginTransaction(deferred: true);

        store.WhyNot(transaction).ShouldNotBeNull().ShouldContain("a hard link to the store's");
        await Should.ThrowAsync<StoreException>(async () => await store.EnqueueWithinAsync(transaction, [Some.Draft()], Now, Token));
    }

    [Fact]
    public async Task Another_file_is_refused_with_both_names()
    {
        MakeLinks();
        await using var store = await OpenAsync(path: Path.Combine(DirectoryPath, "link.db"));
        var other = Path.Combine(DirectoryPath, "real", "other.db");
        await using var connection = new SqliteConnection($"Data Source={other};Pooling=False");
        connection.Open();
        await using var transaction = connection.BeginTransaction(deferred: true);
        await using var memory = new SqliteConnection("Data Source=:memory:");
        memory.Open();
        await using var inMemory = memory.BeginTransaction();

        store.WhyNot(transaction).ShouldBe($"it is on '{other}', and the store is on '{Real}'");
        store.WhyNot(inMemory).ShouldNotBeNull().ShouldContain("in memory");
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_meanwhile_is_noticed_before_anything_is_acknowledged()
    {
        MakeLinks();
        var link = Path.Combine(DirectoryPath, "link.db");
        await using var store = await OpenAsync(path: link);
        var worker = await RegisterAsync(store);
        await using (await OpenAsync(path: Path.Combine(DirectoryPath, "real", "other.db")))
        {
        }

        File.Delete(link);
        _ = File.CreateSymbolicLink(link, Path.Combine(DirectoryPath, "real", "other.db"));

        (await Should.ThrowAsync<StoreException>(async () => await worker.EnqueueAsync(Some.Draft()))).Message
            .ShouldContain($"'{link}' was deleted, moved or replaced");
    }

    [Fact]
    public void Links_in_a_circle_are_told()
    {
        var (a, b) = (Path.Combine(DirectoryPath, "a.db"), Path.Combine(DirectoryPath, "b.db"));
        _ = File.CreateSymbolicLink(a, b);
        _ = File.CreateSymbolicLink(b, a);

        Should.Throw<IOException>(() => RealPath.Of(a)).Message.ShouldContain("in a circle");
    }

    private void MakeLinks()
    {
        _ = Directory.CreateDirectory(Path.GetDirectoryName(Real)!);
        _ = Directory.CreateDirectory(Path.Combine(DirectoryPath, "deep"));
        _ = File.CreateSymbolicLink(Path.Combine(DirectoryPath, "link.db"), Real);
        _ = File.CreateSymbolicLink(Path.Combine(DirectoryPath, "relative.db"), Path.Combine("real", "shop.db"));
        _ = File.CreateSymbolicLink(Path.Combine(DirectoryPath, "again.db"), "link.db");
        _ = Directory.CreateSymbolicLink(Path.Combine(DirectoryPath, "folder"), Path.Combine(DirectoryPath, "real"));
        _ = Directory.CreateSymbolicLink(Path.Combine(DirectoryPath, "deep", "back"), Path.Combine("..", "real"));
    }

    private static async Task EnqueueWithinAsync(SqliteJobStore store, string connectionString)
    {
        await using var connection = new SqliteConnection(connectionString);
        connection.Open();
        await using var transaction = connection.BeginTransaction();
        var draft = Some.Draft();
        _ = await store.EnqueueWithinAsync(transaction, [draft], Now, Token);
        await transaction.CommitAsync(Token);
        (await store.Browser.GetAsync([draft.Id], Token))[0].ShouldNotBeNull().State.ShouldBe(JobState.Ready);
    }

    private static void Link(string from, string to)
    {
        using var link = System.Diagnostics.Process.Start("ln", [from, to]);
        link.WaitForExit();
        link.ExitCode.ShouldBe(0);
    }
}
