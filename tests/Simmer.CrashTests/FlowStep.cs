using Simmer.Storage;

namespace Simmer.CrashTests;

/// <summary>A step that has ended, as the store tells of it.</summary>
internal sealed record FlowStep(JobId Id, StepDraft Step, JobState State, int Run, int FirstAdded, int Added, bool IsLeaf)
{
    public bool IsOrdinary => Step.Role == StepRole.Step;

    public bool WentWrong => State is JobState.Failed or JobState.Cancelled;
}
