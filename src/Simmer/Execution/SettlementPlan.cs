using Simmer.Enqueue;
using Simmer.Jobs;
using Simmer.Storage;
using Simmer.Workflows;

namespace Simmer.Execution;

/// <summary>What a kind and a queue say about settling.</summary>
internal readonly record struct SettlementRules(RetryPolicy Retry, bool HasResult, TimeSpan TimeLimit, TimeSpan KeepSucceeded,
    TimeSpan KeepFailed);

/// <summary>Decides what the store does about an attempt that ended. Pure: outcome, attempt, rules, time and chance in, settlement
/// out.</summary>
internal static class SettlementPlan
{
    private const int MaxDetail = StoreRules.LongestDetail;
    private const int MaxMessage = StoreRules.LongestMessage;
    private const int MaxReason = StoreRules.LongestReason;

    /// <summary>The longest pause before an unreadable job is tried again: a deploy may have brought the code that reads it.</summary>
    private static readonly TimeSpan s_unreadableCeiling = TimeSpan.FromMinutes(30);

    public static Settlement For(JobClaim claim, in JobOutcome outcome, in SettlementRules rules, DateTimeOffset now, double chance,
        ProgressNote? progress = null)
    {
        var plan = new Planner(claim, rules, now, progress);
        return outcome.Kind switch
        {
            OutcomeKind.Returned => Returned(plan, outcome, chance),
            OutcomeKind.Threw => plan.FailedAttempt(plan.Error(outcome.Error!), rules.Retry.DelayAfter(claim.Attempt, chance)),
            OutcomeKind.TimeLimit => plan.FailedAttempt(
                plan.Error(ErrorTypes.TimeLimit, $"The attempt went over its time limit of {rules.TimeLimit}.", outcome.Error), rules.Retry
                    .DelayAfter(claim.Attempt, chance)),

            // The handler has done its work, and the next attempt would give the same result.
            OutcomeKind.BadResult => plan.Final(
                JobState.Failed, plan.Error(ErrorTypes.Result, $"The result cannot be stored: {plan.Text(outcome.Error!)}", outcome.Error),
                    "its result cannot be stored"),
            OutcomeKind.NotCommitted =>
                plan.FailedAttempt(plan.Error(ErrorTypes.NotCommitted, NotCommitted(outcome.Error), outcome.Error),
                    rules.Retry.DelayAfter(claim.Attempt, chance)),

            // Planned only to be logged and counted, because the success is in the store.
            OutcomeKind.Committed => plan.Succeeded(outcome),

            // No reason is given, because the store has the one that came with the cancel.
            OutcomeKind.Cancelled => plan.Final(JobState.Cancelled),
            OutcomeKind.Poison => plan.Final(
                JobState.Failed,
                plan.Error(ErrorTypes.Poison,
                    $"Its worker stopped renewing its lease while it ran, {claim.Job.MaxAttempts + 1L} times or more: a crash, a kill, "
                    + "or a process that hung. It is not run again by itself; find the cause before you retry it."),
                "its workers kept being lost while it ran"),
            OutcomeKind.Unreadable => plan.Later(
                JobState.Scheduled, Unreadable(claim), forgive: true, plan
                    .Error(ErrorTypes.Unreadable, Unreadable(plan.Text(outcome.Error!), outcome.Error!), outcome.Error)),
            // Interrupted, of an unknown kind, or without its lease: such a run is given back, and this settlement is not sent.
            _ => plan.Later(JobState.Ready, TimeSpan.Zero, forgive: true),
        };
    }

    private static Settlement Returned(in Planner plan, in JobOutcome outcome, double chance) => outcome.Verdict!.Kind switch
    {
        VerdictKind.Success => plan.Succeeded(outcome),
        VerdictKind.Snooze => plan.Later(JobState.Scheduled, outcome.Verdict.Delay, forgive: true, reason: outcome.Verdict.Reason),
        VerdictKind.Retry => plan
            .FailedAttempt(plan.Error(ErrorTypes.Verdict, outcome.Verdict.Reason ?? "The handler asked for a retry."),
            outcome.Verdict.Delay),
        VerdictKind.Fail => plan.Final(JobState.Failed, plan.Error(ErrorTypes.Verdict, outcome.Verdict.Reason!), outcome.Verdict.Reason),
        _ => plan.Final(JobState.Cancelled, reason: outcome.Verdict.Reason),
    };

    private static string NotCommitted(Exception? unknown) => unknown is null
        ? "The transaction given to CompleteWithinAsync was not committed when the handler returned: it was rolled back, or is still "
            + "open. Commit it in the handler."
        : $"Whether the transaction given to CompleteWithinAsync was committed cannot be told: {unknown.Message}";

    private static string Unreadable(string why, Exception error) => error is StepResultUnreadableException ? why
        : $"The stored record cannot be read: {StoredText.Shown(why, MaxMessage / 2)} The job is kept and looked at again later. If its "
            + "type has changed since it was stored, "
            + "give what is new a default value, or let it be null; or keep the older shape as a type of its own with an upcaster "
                + "(AddUpcaster).";

    // Grows with every run that could not read it, from 10 seconds.
    private static TimeSpan Unreadable(JobClaim claim) =>
        TimeSpan.FromSeconds(Math.Min(s_unreadableCeiling.TotalSeconds, 10 * Math.Pow(2, Math.Min(20, claim.Run - 1))));

    private readonly struct Planner(JobClaim claim, SettlementRules rules, DateTimeOffset now, ProgressNote? progress)
    {
        public Settlement Succeeded(in JobOutcome outcome) => new()
        {
            Token = claim.Token,
            State = JobState.Succeeded,
            Result = outcome.ResultBytes,
            ResultItem = outcome.Result,
            Step = claim.Job.Step,
            Branch = outcome.Verdict?.Label,
            Added = outcome.Added,
            Progress = progress,
            KeepFor = rules.HasResult && rules.KeepSucceeded < Retention.LeastForResults ? Retention.LeastForResults : rules.KeepSucceeded,
        };

        public Settlement FailedAttempt(AttemptError error, TimeSpan delay) => claim.Attempt >= claim.Job.MaxAttempts
            ? Final(JobState.Failed, error, $"attempts exhausted: {claim.Attempt} of {claim.Job.MaxAttempts}")
            : Later(delay > TimeSpan.Zero ? JobState.Scheduled : JobState.Ready, delay, forgive: false, error);

        public Settlement Final(JobState state, AttemptError? error = null, string? reason = null) => new()
        {
            Token = claim.Token,
            State = state,
            Step = claim.Job.Step,
            Error = error,
            Reason = StoredText.Shown(reason, MaxReason),
            Progress = progress,
            KeepFor = rules.KeepFailed,
        };

        public Settlement Later(JobState state, TimeSpan delay, bool forgive, AttemptError? error = null, string? reason = null) => new()
        {
            Token = claim.Token,
            Step = claim.Job.Step,
            State = state == JobState.Scheduled && delay <= TimeSpan.Zero ? JobState.Ready : state,
            Delay = state == JobState.Scheduled && delay > TimeSpan.Zero ? delay : null,
            Forgive = forgive,
            Error = error,
            Reason = StoredText.Shown(reason, MaxReason),
            Progress = progress,
            KeepCancelledFor = rules.KeepFailed,
        };

        public AttemptError Error(Exception error) => Error(error.GetType().FullName ?? error.GetType().Name, Text(error), error);

        public string Text(Exception error) => Text(static e => e.Message, error);

        public AttemptError Error(string type, string message, Exception? detail = null) =>
            new(claim.Run, claim.Attempt, now, StoredText.Shown(type, MaxMessage), StoredText.Shown(message, MaxMessage),
                detail is null ? null : StoredText.Shown(Text(static e => e.ToString(), detail), MaxDetail));

        // Reading an exception may throw, which must not keep the job from being settled.
        private static string Text(Func<Exception, string?> read, Exception error)
        {
            try
            {
                return read(error) ?? string.Empty;
            }
            catch (Exception e)
            {
                return $"(its text cannot be read: {e.GetType().Name})";
            }
        }
    }
}
