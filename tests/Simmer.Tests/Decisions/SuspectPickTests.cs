using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee, for claims: a suspect of level n has at most ⌊slots / 2ⁿ⌋ others beside it.</summary>
public sealed class SuspectPickTests
{
    /// <summary>The levels of ready jobs, best first, and which of them (y) a claim takes.</summary>
    [Theory]
    [InlineData(4, 4, "0 0 0", "yyy")]
    [InlineData(4, 0, "0 1 0", "yny")]
    [InlineData(0, 4, "0 1 0", "yny")]
    [InlineData(4, 4, "1 1 1 1 0", "yyyny")]
    [InlineData(4, 1, "1 1 0", "yny")]
    [InlineData(4, 4, "2 2 2", "yyn")]
    [InlineData(4, 4, "3 1 0", "yny")]
    [InlineData(4, 4, "1 3 1 0", "ynny")]
    [InlineData(1, 1, "1 1", "yn")]
    public void A_claim_takes_suspects_as_long_as_none_has_too_much_company_and_none_overtakes(int slots, int most, string levels,
        string expected)
    {
        var pick = new SuspectPick(new SuspectRoom(slots), most);
        var taken = string.Empty;
        foreach (var level in levels.Split(' '))
        {
            taken += pick.Takes(level[0] - '0') ? 'y' : 'n';
        }

        taken.ShouldBe(expected);
        var suspects = levels.Split(' ').Where((level, i) => level != "0" && taken[i] == 'y').ToList();
        pick.Room.Held.ShouldBe(suspects.Count);
        pick.Room.Level.ShouldBe(suspects.Count == 0 ? 0 : suspects.Max(static level => level[0] - '0'));
    }
}
