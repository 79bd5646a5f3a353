using Simmer.Postgres;

namespace Simmer.StoreTests.Postgres;

/// <summary>The lists that are made from the table of columns fit one another: what is written into which column, what is bound, and what
/// is read from which place.</summary>
public sealed class JobColumnLists
{
    public static TheoryData<string, string> Pairs() => new()
    {
        { JobColumns.Inserted, JobColumns.InsertedValues },
        { JobColumns.InsertedOfSteps, JobColumns.InsertedValuesOfSteps },
        { JobColumns.History, JobColumns.HistoryValues },
        { JobColumns.Reopened, JobColumns.ReopenedValues },
        { JobColumns.Hot, JobColumns.Old },
        { JobColumns.DraftArrays(1), JobColumns.DraftNames },
        { JobColumns.StepArrays(1), JobColumns.DraftNamesOfSteps },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Two_lists_that_belong_together_are_of_one_length(string columns, string values)
    {
        var names = Parts(columns);

        names.Count.ShouldBe(Parts(values).Count);
        names.Distinct().Count().ShouldBe(names.Count);
    }

    [Fact]
    public void A_value_stands_under_its_own_column()
    {
        foreach (var (column, value) in Parts(JobColumns.Inserted).Zip(Parts(JobColumns.InsertedValues)))
        {
            var expected = column switch
            {
                "enqueued_at" => "$1",
                "due_at" => "due",
                "held_while" => "coalesce(held_while, 0)",
                _ => column,
            };
            value.ShouldBe(expected);
        }

        foreach (var (column, value) in Parts(JobColumns.History).Zip(Parts(JobColumns.HistoryValues)))
        {
            value.ShouldBe(column == "finished_at" ? "$1" : column);
        }

        foreach (var (column, value) in Parts(JobColumns.Reopened).Zip(Parts(JobColumns.ReopenedValues)))
        {
            var expected = column switch
            {
                "forgiven" => "run",
                "version" => "version + 1",
                _ => column,
            };
            value.ShouldBe(expected);
        }
    }

    [Fact]
    public void Readers_find_each_column_at_its_place()
    {
        var claimed = Parts(JobColumns.Claimed);
        claimed.Count.ShouldBe(JobColumns.ClaimedCount);
        claimed[JobColumns.Seq.InClaim].ShouldBe("j.seq");
        claimed[JobColumns.TraceState.InClaim].ShouldBe("j.trace_state");
        claimed[JobColumns.Suspicion.InClaim].ShouldBe(JobColumns.Level);
        claimed[JobColumns.Step.InClaim].ShouldBe("j.step");

        var old = Parts(JobColumns.Old);
        old[JobColumns.Id.Shown].ShouldBe("j.id");
        old[JobColumns.Errors.Shown].ShouldBe("j.errors");
        old[JobColumns.FirstAdded.Shown].ShouldBe("j.first_added");
        old[JobColumns.TraceState.Shown].ShouldBe("j.trace_state");
    }

    [Fact]
    public void A_row_leaves_the_job_table_with_all_that_the_history_stores()
    {
        var moved = Parts(JobColumns.Moved).Select(static part => part.Split(' ')[^1].Split('.')[^1]).ToList();

        moved.ShouldBe(Parts(JobColumns.History).Where(static column => column != "finished_at"));
    }

    /// <summary>The parts between the commas that are in no brackets and no quotes.</summary>
    private static List<string> Parts(string list)
    {
        var (parts, depth, from, isQuoted) = (new List<string>(), 0, 0, false);
        for (var i = 0; i < list.Length; i++)
        {
            isQuoted ^= list[i] == '\'';
            depth += isQuoted ? 0 : list[i] == '(' ? 1 : list[i] == ')' ? -1 : 0;
            if (list[i] == ',' && depth == 0 && !isQuoted)
            {
                parts.Add(list[from..i].Trim());
                from = i + 1;
            }
        }

        parts.Add(list[from..].Trim());
        return parts;
    }
}
