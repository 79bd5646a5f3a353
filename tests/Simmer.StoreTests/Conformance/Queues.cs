using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

/// <summary>What an application declares of its queues, and what an operator sets.</summary>
public abstract class Queues<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    private static readonly Version s_first = new(1, 2, 3, 4);

    private static readonly Version s_second = new(1, 3);

    [Fact]
    public async Task A_queue_tells_what_was_declared_of_it_and_by_which_version()
    {
        var policy = Keeping(2, 3);

        (await PutAsync(s_second, policy)).ShouldBe(new QueuePutReport(QueuePutResult.Stored, new(policy, new Version(1, 3, 0, 0))));

        (await QueueAsync()).Declared.ShouldBe(new DeclaredQueue(policy, new Version(1, 3, 0, 0)));
    }

    [Fact]
    public async Task A_queue_that_nobody_declared_says_so() => (await QueueAsync()).Declared.ShouldBeNull();

    [Fact]
    public async Task The_same_declaration_again_changes_nothing()
    {
        _ = await PutAsync(s_first, Keeping(2, 3));

        (await PutAsync(s_first, Keeping(2, 3))).ShouldBe(new QueuePutReport(QueuePutResult.Unchanged, new(Keeping(2, 3), s_first)));
    }

    [Fact]
    public async Task A_newer_version_takes_the_place_of_an_older_one()
    {
        _ = await PutAsync(s_first, Keeping(2, 3));

        (await PutAsync(s_second, Keeping(4, 5))).Result.ShouldBe(QueuePutResult.Stored);

        (await QueueAsync()).Declared!.Policy.ShouldBe(Keeping(4, 5));
    }

    [Fact]
    public async Task An_older_version_never_takes_the_place_of_a_newer_one()
    {
        _ = await PutAsync(s_second, Keeping(4, 5));

        (await PutAsync(s_first, Keeping(2, 3))).ShouldBe(new QueuePutReport(QueuePutResult.Older,
            new(Keeping(4, 5), new Version(1, 3, 0, 0))));

        (await QueueAsync()).Declared!.Policy.ShouldBe(Keeping(4, 5));
    }

    [Fact]
    public async Task A_newer_version_that_says_the_same_keeps_out_those_between()
    {
        _ = await PutAsync(s_first, Keeping(2, 3));
        _ = await PutAsync(new Version(2, 0), Keeping(2, 3));

        (await PutAsync(s_second, Keeping(4, 5))).Result.ShouldBe(QueuePutResult.Older);

        (await QueueAsync()).Declared.ShouldBe(new DeclaredQueue(Keeping(2, 3), new Version(2, 0, 0, 0)));
    }

    [Fact]
    public async Task Of_two_declarations_of_one_version_the_first_stays()
    {
        _ = await PutAsync(s_first, Keeping(2, 3));

        (await PutAsync(s_first, Keeping(2, 4))).ShouldBe(new QueuePutReport(QueuePutResult.Contradicts, new(Keeping(2, 3), s_first)));

        (await QueueAsync()).Declared!.Policy.ShouldBe(Keeping(2, 3));
    }

    [Fact]
    public async Task Versions_are_compared_by_their_numbers()
    {
        _ = await PutAsync(new Version(1, 10), Keeping(2, 3));

        (await PutAsync(new Version(1, 9), Keeping(4, 5))).Result.ShouldBe(QueuePutResult.Older);
        (await PutAsync(new Version(1, 10, 0, 0), Keeping(2, 3))).Result.ShouldBe(QueuePutResult.Unchanged);
        (await PutAsync(new Version(20_261_129, int.MaxValue), Keeping(4, 5))).Result.ShouldBe(QueuePutResult.Stored);
    }

    [Fact]
    public async Task Each_queue_of_a_call_gets_its_answer()
    {
        _ = await PutAsync(s_first, Keeping(2, 3));
        var (other, forEver) = (new QueuePolicy("other"),
            new QueuePolicy("for ever") { KeepSucceeded = TimeSpan.MaxValue, KeepFailed = TimeSpan.Zero });

        (await Store.PutQueuesAsync([other, Keeping(4, 5), forEver], s_first, Now, Token)).Select(static r => r.Result)
            .ShouldBe([QueuePutResult.Stored, QueuePutResult.Contradicts, QueuePutResult.Stored]);

        await PauseAsync(queue: "for ever");
        (await QueueAsync("for ever")).Declared!.Policy.ShouldBe(forEver);
    }

    [Fact]
    public async Task A_paused_queue_tells_why_by_whom_and_since_when()
    {
        await Store.PauseQueueAsync(Some.Queue, "the provider is away", "Ada", Now, Token);

        (await QueueAsync()).ShouldSatisfyAllConditions(static q => q.Paused.ShouldBeTrue(),
            q => q.Pause.ShouldBe(new QueuePause("the provider is away", "Ada", Now)));
    }

    [Fact]
    public async Task A_second_pause_gives_the_reason_and_the_first_says_since_when()
    {
        await Store.PauseQueueAsync(Some.Queue, "the provider is away", "Ada", Now, Token);
        var since = Now;
        Pass(TimeSpan.FromMinutes(5));

        await Store.PauseQueueAsync(Some.Queue, "and slow", null, Now, Token);

        (await QueueAsync()).Pause.ShouldBe(new QueuePause("and slow", null, since));
    }

    [Fact]
    public async Task After_a_pause_nothing_is_left_of_it()
    {
        await Store.PauseQueueAsync(Some.Queue, "the provider is away", "Ada", Now, Token);
        await Store.ResumeQueueAsync(Some.Queue, Now, Token);
        (await QueueAsync()).ShouldSatisfyAllConditions(static q => q.Paused.ShouldBeFalse(), static q => q.Pause.ShouldBeNull());
        Pass(TimeSpan.FromMinutes(5));

        await PauseAsync();

        (await QueueAsync()).Pause.ShouldBe(new QueuePause(null, null, Now));
    }

    [Fact]
    public async Task The_texts_of_a_pause_have_bounds()
    {
        await Store.PauseQueueAsync(Some.Queue, new string('r', 1_000_000), new string('w', 1_000_000), Now, Token);

        var pause = (await QueueAsync()).Pause!;
        (pause.Reason!.Length, pause.By!.Length).ShouldBe((StoreRules.LongestReason, StoreRules.LongestName));
    }

    [Fact]
    public async Task A_declaration_leaves_a_pause_alone_and_a_pause_a_declaration()
    {
        await Store.PauseQueueAsync(Some.Queue, "the provider is away", "Ada", Now, Token);
        _ = await PutAsync(s_first, Keeping(2, 3));
        (await QueueAsync()).Pause!.By.ShouldBe("Ada");

        await PauseAsync();
        await PauseAsync(false);

        (await QueueAsync()).Declared!.Policy.ShouldBe(Keeping(2, 3));
    }

    private static QueuePolicy Keeping(int succeeded, int failed) =>
        new(Some.Queue) { KeepSucceeded = TimeSpan.FromHours(succeeded), KeepFailed = TimeSpan.FromHours(failed) };

    private async Task<QueuePutReport> PutAsync(Version version, QueuePolicy policy) =>
        (await Store.PutQueuesAsync([policy], version, Now, Token)).ShouldHaveSingleItem();

    /// <summary>The queue as the store tells it; it holds a job, because memory names no others.</summary>
    private async Task<QueueRecord> QueueAsync(string queue = Some.Queue)
    {
        _ = await Worker.EnqueueAsync(Some.Draft(queue: queue));
        return (await Store.Browser.QueuesAsync(Token)).Single(q => q.Name == queue);
    }
}
