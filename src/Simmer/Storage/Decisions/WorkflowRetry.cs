namespace Simmer.Storage.Decisions;

/// <summary>What a retry of a workflow, or of one of its steps, comes to.</summary>
/// <param name="Status"><see cref="RetryStatus.Retried"/>: the steps wait again, unless <paramref name="MindsUndo"/> and an undo step has
/// begun. <see cref="RetryStatus.NotRetryable"/>: that is the answer. <see cref="RetryStatus.NotFound"/>: the step that was asked for is
/// not among those given; <see cref="RetryDecision.ForMissing"/> has the answer.</param>
/// <param name="State">The state of the first of them.</param>
/// <param name="Steps">The steps that wait again, by their numbers.</param>
/// <param name="MindsUndo">Whether <see cref="RetryDecision.Begun"/> is to be asked.</param>
internal readonly record struct WorkflowRetry(RetryStatus Status, JobState State, IReadOnlyList<RetryStep> Steps, bool MindsUndo);
