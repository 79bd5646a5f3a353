using FsCheck;
using FsCheck.Fluent;

namespace Simmer.StoreTests.Graphs;

/// <summary>A random workflow and how each of its steps will end; printed one element a line when it shows a difference.</summary>
/// <param name="Elements">Its elements; each may come after any before it.</param>
/// <param name="OnFailure">Whether it has a step for a failure.</param>
/// <param name="Finally">Whether it has a step for the end.</param>
/// <param name="Course">In which order and by whom the steps are ended.</param>
public sealed record RandomGraph(IReadOnlyList<RandomElement> Elements, bool OnFailure, bool Finally, int Course)
{
    private static readonly Gen<Outcome> s_outcome = Gen.Frequency(
        (10, Gen.Constant(new Outcome(JobState.Succeeded, null, 0))),
        (3, Gen.Constant(new Outcome(JobState.Succeeded, "x", 0))),
        (2, Gen.Constant(new Outcome(JobState.Succeeded, "y", 0))),
        (1, Gen.Constant(new Outcome(JobState.Succeeded, "x", 2))),
        (2, Gen.Choose(1, 3).Select(added => new Outcome(JobState.Succeeded, null, added))),
        (4, Gen.Constant(new Outcome(JobState.Failed, null, 0))),
        (1, Gen.Constant(new Outcome(JobState.Cancelled, null, 0))));

    private static readonly Gen<RandomParent> s_parent =
        from which in Gen.Choose(0, 99)
        from labels in Gen.Elements("", "", "", "", "x", "y", "x|y")
        select new RandomParent(which, labels);

    private static readonly Gen<RandomElement> s_element =
        from parents in Gen.Choose(0, 3).SelectMany(s_parent.ArrayOf)
        from rule in Gen.Elements(StepRule.AllSucceeded, StepRule.AllSucceeded, StepRule.NoneFailed, StepRule.AllDone, StepRule.AnyFailed)
        from members in Gen.Elements(-1, -1, -1, -1, -1, 0, 1, 2, 3, 4)
        from deep in Gen.Elements(false, false, true)
        from undone in Gen.Elements(true, false)
        from ends in s_outcome.ArrayOf(5)
        select new RandomElement(parents, rule, members, deep && members > 0, undone, ends);

    public static Arbitrary<RandomGraph> Any { get; } = Arb.From(UpTo(9), static graph => graph.Simpler());

    public static Gen<RandomGraph> UpTo(int most) =>
        from size in Gen.Choose(0, most)
        from elements in s_element.ListOf(size)
        from onFailure in Gen.Elements(true, false)
        from atEnd in Gen.Elements(true, false)
        from course in Gen.Choose(0, int.MaxValue)
        select new RandomGraph(elements, onFailure, atEnd, course);

    public override string ToString() =>
        string.Concat(Elements.Select((element, i) => $"{Environment.NewLine}  s{i}{element.Text(i)}")) +
        $"{(OnFailure ? $"{Environment.NewLine}  on-failure" : "")}"
            + $"{(Finally ? $"{Environment.NewLine}  finally" : "")}{Environment.NewLine}  course {Course}";

    public IEnumerable<RandomGraph> Simpler()
    {
        for (var i = 0; i < Elements.Count; i++)
        {
            yield return this with { Elements = [.. Elements.Take(i), .. Elements.Skip(i + 1)] };
        }

        if (OnFailure || Finally)
        {
            yield return this with { OnFailure = false, Finally = false };
        }

        for (var i = 0; i < Elements.Count; i++)
        {
            foreach (var simpler in Elements[i].Simpler())
            {
                yield return this with { Elements = [.. Elements.Take(i), simpler, .. Elements.Skip(i + 1)] };
            }
        }
    }
}

/// <param name="Which">Which of the elements before it, by position.</param>
/// <param name="Labels">The branches for which the link counts, with a bar between them; empty: for any.</param>
public sealed record RandomParent(int Which, string Labels);

/// <param name="State">How a run ends.</param>
/// <param name="Branch">The branch it returns.</param>
/// <param name="Added">How many steps it adds.</param>
public sealed record Outcome(JobState State, string? Branch, int Added)
{
    public static readonly Outcome Plain = new(JobState.Succeeded, null, 0);

    public override string ToString() => $"{State}{(Branch is null ? "" : $" {Branch}")}{(Added == 0 ? "" : $" +{Added}")}";
}

/// <param name="Parents">What it comes after.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Members">-1: a step; else a group of so many.</param>
/// <param name="Deep">Whether the members are chains of two.</param>
/// <param name="Undone">Whether its steps have an undo.</param>
/// <param name="Ends">How its steps end, in turn.</param>
public sealed record RandomElement(RandomParent[] Parents, StepRule Rule, int Members, bool Deep, bool Undone, Outcome[] Ends)
{
    public IEnumerable<RandomElement> Simpler()
    {
        for (var i = 0; i < Parents.Length; i++)
        {
            yield return this with { Parents = [.. Parents[..i], .. Parents[(i + 1)..]] };
        }

        if (Members >= 0)
        {
            yield return this with { Members = -1, Deep = false };
        }

        if (Deep)
        {
            yield return this with { Deep = false };
        }

        if (Undone)
        {
            yield return this with { Undone = false };
        }

        if (Rule != StepRule.AllSucceeded)
        {
            yield return this with { Rule = StepRule.AllSucceeded };
        }

        for (var i = 0; i < Ends.Length; i++)
        {
            if (Ends[i] != Outcome.Plain)
            {
                yield return this with { Ends = [.. Ends[..i], Outcome.Plain, .. Ends[(i + 1)..]] };
            }
        }
    }

    public string Text(int position) =>
        $"{(Members < 0 ? "" : $" group of {Members}{(Deep ? " chains" : "")}")}{(Parents.Length == 0 || position == 0 ? "" : " after")}" +
        $"{string.Concat(Parents.Where(_ => position > 0).Select(p =>
            $" s{p.Which % position}{(p.Labels.Length > 0 ? $"={p.Labels}" : "")}"))} on {Rule}{(Undone ? " undone" : "")}: "
            + $"{string.Join(", ", Ends.Select(e => e.ToString()))}";
}
