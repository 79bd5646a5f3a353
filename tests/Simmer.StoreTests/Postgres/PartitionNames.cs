using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

/// <summary>The partitions of the history by name.</summary>
public sealed class PartitionNames
{
    private static readonly DateOnly s_day = new(2026, 3, 1);

    [Fact]
    public void A_partition_is_named_after_its_day()
    {
        HistoryPartition.NameOf(s_day).ShouldBe("history_20260301");
        HistoryPartition.DayOf("history_20260301").ShouldBe(s_day);
    }

    [Fact]
    public void What_is_not_named_after_a_day_has_none()
    {
        HistoryPartition.DayOf(HistoryPartition.Default).ShouldBeNull();
        HistoryPartition.DayOf("history_20261399").ShouldBeNull();
        HistoryPartition.DayOf("mine").ShouldBeNull();
    }

    [Fact]
    public void A_day_ends_where_the_next_begins()
    {
        var (today, tomorrow) = (HistoryPartition.Make(s_day), HistoryPartition.Make(s_day.AddDays(1)));
        var ticks = (new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero) - DateTimeOffset.UnixEpoch).Ticks;
        today[^1].ShouldEndWith($"TO ({ticks})");
        tomorrow[^1].ShouldContain($"FROM ({ticks}) TO");
    }
}
