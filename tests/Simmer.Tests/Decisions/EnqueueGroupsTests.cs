using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee: one bad job never fails its neighbours, but the jobs of one call are stored all or none.</summary>
public sealed class EnqueueGroupsTests
{
    /// <summary>A job a word: its group, with an exclamation mark if the rules refuse it.</summary>
    [Theory]
    [InlineData("0 0", false, "", "")]
    [InlineData("0! 0", false, "", "1")]
    [InlineData("1 1 0", true, "", "")]
    [InlineData("1 1! 0", true, "1", "1 2")]
    [InlineData("1! 1 2 2", true, "1", "1 2")]
    [InlineData("2 1 2! 1 0!", true, "2", "1 3 5")]
    [InlineData("1! 2! 3", true, "1 2", "1 2")]
    public void A_refused_job_takes_those_of_its_call_along_and_nobody_else(string jobs, bool anyGroup, string groups, string refusedPlaces)
    {
        var requests = Requests(jobs);
        EnqueueGroups.Any(requests).ShouldBe(anyGroup);
        var refused = EnqueueGroups.RefusedByRules(requests);
        string.Join(' ', refused?.Order() ?? Enumerable.Empty<int>()).ShouldBe(groups);
        string.Join(' ', requests.Select((r, i) => EnqueueGroups.WhyRefused(r, refused) is null ? 0 : i + 1).Where(static i => i > 0))
            .ShouldBe(refusedPlaces);
    }

    [Fact]
    public void A_job_has_its_own_reason_or_is_told_that_it_was_another()
    {
        var requests = Requests("1 1!");
        var refused = EnqueueGroups.RefusedByRules(requests);
        EnqueueGroups.WhyRefused(requests[0], refused).ShouldBe(StoreRules.RefusedWithAnother);
        EnqueueGroups.WhyRefused(requests[1], refused).ShouldBe(StoreRules.WhyRefused(requests[1].Job));
    }

    [Fact]
    public void What_came_alone_is_never_refused_for_others()
    {
        HashSet<int>? refused = null;
        EnqueueGroups.Refuse(ref refused, 0);
        refused.ShouldBeNull();
        EnqueueGroups.Refuse(ref refused, 2);
        EnqueueGroups.IsRefused(refused, 2).ShouldBeTrue();
        EnqueueGroups.IsRefused(refused, 1).ShouldBeFalse();
        EnqueueGroups.IsRefused(refused, 0).ShouldBeFalse();
        EnqueueGroups.IsRefused(null, 2).ShouldBeFalse();
    }

    [Theory]
    [InlineData("S S D", false, "S S D")]
    [InlineData("R R", false, "R R")]
    [InlineData("S R D", true, "R R R")]
    [InlineData("", false, "")]
    public void All_or_none_undoes_the_rest(string answers, bool undoes, string expected)
    {
        var requests = Requests(string.Join(' ', answers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static _ => "0")));
        var own = new StoreException("its own reason");
        var reports = answers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((answer, i) => answer switch
        {
            "R" => RepeatAnswer.Refused(requests[i].Job, own),
            "D" => new EnqueueReport(EnqueueStatus.Duplicate, requests[i].Job.Id, JobState.Ready),
            _ => new EnqueueReport(EnqueueStatus.Stored, requests[i].Job.Id, JobState.Ready),
        }).ToArray();
        var refusedBefore = reports.Where(static r => r.Status == EnqueueStatus.Refused).Select(static r => r.Id).ToList();
        EnqueueGroups.RefuseRest(requests, reports).ShouldBe(undoes);
        string.Join(' ', reports.Select(static r => r.Status.ToString()[0])).ShouldBe(expected);
        foreach (var report in reports.Where(static r => r.Status == EnqueueStatus.Refused))
        {
            (report.Error == own).ShouldBe(refusedBefore.Contains(report.Id), "the reason stays with the job it was given for");
        }
    }

    /// <summary>What a repeat finds of each: Found, Traceless, refused for its own sake (R); an exclamation mark as above.</summary>
    [Theory]
    [InlineData("0 0!", "FT", "SR")]
    [InlineData("1 1", "TT", "SS")]
    [InlineData("1 1!", "TT", "RR")]
    [InlineData("1 1!", "FT", "RR")]
    [InlineData("1 1 2", "TRT", "RRS")]
    [InlineData("1 1 2", "FRT", "SRS")]
    [InlineData("0 0", "TR", "SR")]
    public void At_a_repeat_a_call_is_refused_whole_but_for_what_is_there(string jobs, string found, string expected)
    {
        var requests = Requests(jobs);
        var reports = found.Select((what, i) => what == 'R'
            ? RepeatAnswer.Refused(requests[i].Job, "its own reason")
            : new EnqueueReport(EnqueueStatus.Stored, requests[i].Job.Id, what == 'F' ? JobState.Ready : JobState.Unknown)).ToArray();
        EnqueueGroups.RefuseRepeated(requests, reports);
        string.Concat(reports.Select(static r => r.Status.ToString()[0])).ShouldBe(expected);
    }

    private static EnqueueRequest[] Requests(string jobs) =>
        [.. jobs.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static job =>
            new EnqueueRequest(job.EndsWith('!') ? Given.BadJob() : Given.Job(), false, job[0] - '0'))];
}
