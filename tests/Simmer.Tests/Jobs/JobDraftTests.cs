using System.Reflection;
using Simmer.Storage;

namespace Simmer.Tests.Jobs;

/// <summary>Copies of a draft, which are made by hand: a property that a copy forgets would be lost for jobs that spill to another store,
/// are named late, or are added to a workflow.</summary>
public sealed class JobDraftTests
{
    private static readonly WorkflowId s_workflow = WorkflowId.For("drafts");

    private static readonly JobDraft s_full = new()
    {
        Id = s_workflow.Step(1),
        IdGiven = true,
        Kind = "kind",
        Queue = "queue",
        Payload = new byte[] { 1 },
        Item = new Nothing(),
        Priority = 3,
        DueAt = DateTimeOffset.UnixEpoch.AddHours(1),
        Delay = TimeSpan.FromSeconds(4),
        ExpiresAt = DateTimeOffset.UnixEpoch.AddHours(2),
        ExpiresIn = TimeSpan.FromSeconds(5),
        UniqueKey = "key",
        UniqueWhile = UniqueWhile.Waiting,
        Tags = ["tag"],
        MaxAttempts = 6,
        TimeLimit = TimeSpan.FromSeconds(7),
        TraceParent = "parent",
        TraceState = "state",
        Step = new StepDraft { Workflow = s_workflow, Number = 1, Name = "one" },
    };

    [Fact]
    public void A_draft_that_is_written_anew_keeps_everything_but_its_payload_and_its_record() =>
        Differences(s_full, s_full.Written(new byte[] { 9 }))
            .ShouldBe([nameof(JobDraft.Item), nameof(JobDraft.Payload)]);

    [Fact]
    public void A_draft_that_is_named_late_keeps_everything_but_its_names_and_its_record() =>
        Differences(s_full, s_full.Named("later", "later"))
            .ShouldBe([nameof(JobDraft.Item), nameof(JobDraft.Kind), nameof(JobDraft.Queue)]);

    [Fact]
    public void A_step_that_finds_its_place_keeps_everything_but_its_id_its_place_and_what_no_step_has() =>
        Differences(s_full, s_full.As(s_workflow.Step(2), new StepDraft { Workflow = s_workflow, Number = 2, Name = "two" }))
            .ShouldBe([nameof(JobDraft.Id), nameof(JobDraft.IdGiven), nameof(JobDraft.Step), nameof(JobDraft.UniqueKey),
                nameof(JobDraft.UniqueWhile)]);

    [Fact]
    public void Every_property_of_the_draft_that_is_copied_has_a_value_of_its_own()
    {
        var empty = new JobDraft { Id = default, Kind = "", Queue = "", MaxAttempts = 0 };
        Differences(empty, s_full).ShouldBe(Properties.Select(static p => p.Name));
    }

    // The route is left out: it is looked up in the process, and never belongs to the job.
    private static IEnumerable<PropertyInfo> Properties => typeof(JobDraft)
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Where(static p => p.CanWrite && p.Name != nameof(JobDraft.Route)).OrderBy(static p => p.Name, StringComparer.Ordinal);

    private static IEnumerable<string> Differences(JobDraft one, JobDraft other) => Properties
        .Where(p => !Equals(p.GetValue(one), p.GetValue(other))).Select(static p => p.Name);

    private sealed record Nothing : IJob;
}
