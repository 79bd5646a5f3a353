using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

/// <summary>What processes say to one another by notifications.</summary>
public sealed class Notifying
{
    private readonly WakeupChannel _mine = new("simmer");
    private readonly WakeupChannel _other = new("simmer");

    [Fact]
    public void The_queues_of_another_process_are_heard() => _mine.QueuesIn(_other.Payload([3, 17])).ShouldBe("3,17");

    [Fact]
    public void A_process_does_not_hear_its_own_commits() => _mine.QueuesIn(_mine.Payload([3])).ShouldBeNull();

    [Fact]
    public void What_is_said_in_a_callers_transaction_is_heard_by_all()
    {
        _mine.QueuesIn(WakeupChannel.PayloadForAll([3])).ShouldBe("3");
        _other.QueuesIn(WakeupChannel.PayloadForAll([3])).ShouldBe("3");
    }

    [Fact]
    public void More_queues_than_a_notification_holds_are_heard_as_any()
    {
        var payload = _other.Payload(Enumerable.Range(1_000, 2_000));
        payload.Length.ShouldBeLessThan(8_000, "the server takes at most 8,000 bytes");
        _mine.QueuesIn(payload).ShouldBe("");
        _mine.QueuesIn(_other.Payload(Enumerable.Range(1_000, 1_000)))!.Split(',').Length.ShouldBe(1_000);
    }

    [Fact]
    public void A_greeting_names_no_queues()
    {
        WakeupChannel.IsGreeting(_other.Greeting).ShouldBeTrue();
        _mine.QueuesIn(_other.Greeting).ShouldBeNull();
        _mine.Greeting.ShouldNotBe(_other.Greeting);
        WakeupChannel.IsGreeting(_other.Payload([])).ShouldBeFalse();
    }
}
