using Simmer.Jobs;

namespace Simmer.Execution;

/// <summary>How an attempt ended.</summary>
internal readonly record struct JobOutcome(OutcomeKind Kind, JobVerdict? Verdict = null, object? Result = null,
    ReadOnlyMemory<byte>? ResultBytes = null, Exception? Error = null, IReadOnlyList<Storage.JobDraft>? Added = null)
{
    /// <summary>Whether the handler returned and meant success.</summary>
    public bool IsSuccess => Kind == OutcomeKind.Returned && Verdict!.Kind == VerdictKind.Success;

    public static JobOutcome Returned(JobVerdict verdict, object? result, ReadOnlyMemory<byte>? bytes) =>
        new(OutcomeKind.Returned, verdict, result, bytes);

    public static JobOutcome Threw(Exception error) => new(OutcomeKind.Threw, Error: error);
}
