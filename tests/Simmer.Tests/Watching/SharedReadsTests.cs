using Simmer.Runtime;
using Simmer.Tests.Engine;
using Simmer.Watching;

namespace Simmer.Tests.Watching;

/// <summary>Many askers, few reads.</summary>
public sealed class SharedReadsTests
{
    private readonly List<IReadOnlyList<int>> _reads = [];
    private readonly Queue<Signal> _upkeepLeases = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_asks_while_a_read_is_under_way_is_answered_by_the_next_one_with_all_others()
    {
        var hold = new Signal();
        _upkeepLeases.Enqueue(hold);
        var reads = Reads(static key => $"{key}", atOnce: 3);
        var first = reads.ReadAsync(1, Cancelled);
        await Until.True(() => _reads.Count == 1, "the first is under way");

        var others = new[] { 1, 2, 1, 3, 4, 1 }.Select(key => reads.ReadAsync(key, Cancelled)).ToList();
        hold.Set();

        (await first).ShouldBe("1");
        (await Task.WhenAll(others)).ShouldBe(["1", "2", "1", "3", "4", "1"]);
        _reads.Select(static r => string.Join(' ', r)).ShouldBe(["1", "1 2 3", "4"]);
    }

    [Fact]
    public async Task One_that_cannot_be_read_hides_no_other()
    {
        var hold = new Signal();
        _upkeepLeases.Enqueue(hold);
        var reads = Reads(static key => key == 13 ? throw new FormatException("thirteen") : $"{key}", atOnce: 100);
        var first = reads.ReadAsync(0, Cancelled);

        var others = Enumerable.Range(1, 20).Select(key => reads.ReadAsync(key, Cancelled)).ToList();
        hold.Set();

        (await first).ShouldBe("0");
        (await Should.ThrowAsync<FormatException>(others[12])).Message.ShouldBe("thirteen");
        (await Task.WhenAll(others.Where(static (_, i) => i != 12))).Length.ShouldBe(19);
    }

    [Fact]
    public async Task A_store_that_is_away_is_not_asked_for_each_of_them()
    {
        var hold = new Signal();
        _upkeepLeases.Enqueue(hold);
        var reads = Reads(static key => key == 0 ? "0" : throw new StoreException("away", isTransient: true), atOnce: 100);
        var first = reads.ReadAsync(0, Cancelled);
        await Until.True(() => _reads.Count == 1, "the first is under way");

        var others = Enumerable.Range(1, 20).Select(key => reads.ReadAsync(key, Cancelled)).ToList();
        hold.Set();

        (await first).ShouldBe("0");
        foreach (var other in others)
        {
            await Should.ThrowAsync<StoreException>(other);
        }

        _reads.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Who_gives_up_does_not_take_the_answer_from_others()
    {
        var hold = new Signal();
        _upkeepLeases.Enqueue(hold);
        var reads = Reads(static key => $"{key}", atOnce: 100);
        using var gone = new CancellationTokenSource();
        var given = reads.ReadAsync(1, gone.Token);
        var kept = reads.ReadAsync(1, Cancelled);

        await gone.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(given);
        hold.Set();

        (await kept).ShouldBe("1");
    }

    private SharedReads<int, string> Reads(Func<int, string> answer, int atOnce) => new(WorkStarter.ThreadPool, atOnce, async keys =>
    {
        _reads.Add([.. keys]);
        if (_upkeepLeases.TryDequeue(out var hold))
        {
            await hold.WaitAsync(CancellationToken.None);
        }

        return [.. keys.Select(answer)];
    });
}
