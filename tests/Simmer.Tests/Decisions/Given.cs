using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What the decisions are given: what a test does not name does not matter to it.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Moment = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly WorkflowId Workflow = WorkflowId.For("decisions");
    public static readonly LeaseToken Token = new(new JobId(new Guid("01890000-0000-7000-8000-000000000001")), 3);

    /// <summary>A job in its third run, of which one was forgiven.</summary>
    public static RunningRow Row(bool cancelRequested = false, string? cancelReason = null, int forgiven = 1, int suspicion = 0,
        bool isStep = false) => new(Run: 3, forgiven, suspicion, cancelRequested, cancelReason, isStep);

    public static Settlement Settlement(JobState state, bool error = false, bool forgive = false, int keepDays = 0,
        int keepCancelledDays = 0, string? reason = null, bool result = false, string? branch = null, StepDraft? step = null,
        int added = 0) => new()
    {
        Token = Token,
        State = state,
        Error = error ? Error : null,
        Forgive = forgive,
        KeepFor = TimeSpan.FromDays(keepDays),
        KeepCancelledFor = TimeSpan.FromDays(keepCancelledDays),
        Reason = reason,
        Result = result ? new ReadOnlyMemory<byte>([1]) : null,
        Branch = branch,
        Step = step,
        Added = added == 0 ? null : [.. Enumerable.Range(1, added).Select(n => Job(step: Step(n)))],
    };

    public static AttemptError Error => new(3, 2, Moment, "InkException", "no ink");

    public static StepDraft Step(int number = 1, StepRule rule = StepRule.AllSucceeded, StepRole role = StepRole.Step, int pending = 0,
        string? name = null) =>
        new() { Workflow = Workflow, Number = number, Name = name ?? $"step-{number}", Rule = rule, Role = role, Pending = pending };

    public static StepDraft Damaged(int number = 1) => StepDraft.ReadOrStandIn(Workflow.Step(number), [0xff, 0xff]);

    public static JobDraft Job(string kind = "greet", JobId? id = null, string? uniqueKey = null, StepDraft? step = null) => new()
    {
        Id = id ?? new JobId(Guid.NewGuid()),
        IdGiven = id is not null,
        Kind = kind,
        Queue = "default",
        Payload = "{}"u8.ToArray(),
        UniqueKey = uniqueKey,
        MaxAttempts = 3,
        Step = step,
    };

    /// <summary>A job that the rules refuse: its kind has no name.</summary>
    public static JobDraft BadJob() => Job(kind: "");
}
