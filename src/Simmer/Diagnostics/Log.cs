using System.Globalization;
using Microsoft.Extensions.Logging;
using Simmer.Runtime;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Diagnostics;

/// <summary>Everything the engine logs. Event ids 1000 to 1999.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Simmer works as {Worker} on {Queues} (store: {Store})")]
    public static partial void Started(this ILogger logger, string worker, string queues, string store);

    [LoggerMessage(1001, LogLevel.Information,
        "Queue {Queue} requires {Requires}, which this worker does not offer; its jobs wait for a worker that does")]
    public static partial void QueueNotOffered(this ILogger logger, string queue, string requires);

    [LoggerMessage(1002, LogLevel.Information,
        "Stopping: no new jobs start. Jobs still running: {Running}; given back before they had started: {GivenBack}")]
    public static partial void Stopping(this ILogger logger, int running, int givenBack);

    [LoggerMessage(1003, LogLevel.Warning,
        "The shutdown deadline has passed, and what still runs is told to stop. Jobs running: {Running}")]
    public static partial void ShutdownDeadline(this ILogger logger, int running);

    [LoggerMessage(1004, LogLevel.Warning,
        "In-memory jobs that did not finish before the shutdown are lost: {Count} ({Names}). Jobs in a durable queue outlive the process")]
    public static partial void LostAtShutdown(this ILogger logger, int count, string names);

    [LoggerMessage(1005, LogLevel.Information, "In-memory jobs were spilled to the durable store, to run after the next start: {Count}")]
    public static partial void Spilled(this ILogger logger, int count);

    [LoggerMessage(1006, LogLevel.Warning, "Handlers did not stop in time and are left behind: {Running} ({Names})")]
    public static partial void LeftBehind(this ILogger logger, int running, string names);

    [LoggerMessage(1007, LogLevel.Error, "A step of the shutdown failed: {Step}")]
    public static partial void ShutdownStepFailed(this ILogger logger, Exception exception, string step);

    [LoggerMessage(1010, LogLevel.Debug, "Job {Kind} {JobId} starts, attempt {Attempt}")]
    public static partial void JobStarted(this ILogger logger, string kind, JobId jobId, int attempt);

    [LoggerMessage(1011, LogLevel.Debug, "Job {Kind} {JobId} ended {State} after {Milliseconds:F1} ms")]
    private static partial void JobDone(ILogger logger, string kind, JobId jobId, JobState state, double milliseconds);

    [LoggerMessage(1012, LogLevel.Warning, "Job {Kind} {JobId} failed in attempt {Attempt} of {MaxAttempts}: {Error}. {Next}")]
    private static partial void AttemptFailed(ILogger logger, Exception? exception, string kind, JobId jobId, int attempt, int maxAttempts,
        string error, string next);

    [LoggerMessage(1013, LogLevel.Error, "Job {Kind} {JobId} failed for good in attempt {Attempt} of {MaxAttempts}: {Error}")]
    private static partial void JobFailed(ILogger logger, Exception? exception, string kind, JobId jobId, int attempt, int maxAttempts,
        string error);

    [LoggerMessage(1014, LogLevel.Warning,
        "Job {JobId} (run {Run}) would be {State}, but its lease was lost, so that does not count: the job has been taken back, has "
        + "ended otherwise, or is gone")]
    public static partial void SettlementLost(this ILogger logger, JobId jobId, int run, JobState state);

    [LoggerMessage(1015, LogLevel.Information, "Job {JobId} expired before it started and is cancelled")]
    public static partial void JobExpired(this ILogger logger, JobId jobId);

    [LoggerMessage(1016, LogLevel.Error,
        "The handler of job {Kind} {JobId} was told to stop ({Reason}) and still runs {After} later: it ignores its cancellation token, "
        + "or is slow to end")]
    public static partial void HandlerStuck(this ILogger logger, string kind, JobId jobId, StopReason reason, TimeSpan after);

    [LoggerMessage(1017, LogLevel.Warning, "Something that job {Kind} {JobId} used could not be released")]
    public static partial void ReleaseFailed(this ILogger logger, Exception exception, string kind, JobId jobId);

    [LoggerMessage(1018, LogLevel.Warning, "A cancellation callback of job {Kind} {JobId} threw")]
    public static partial void CancelCallbackFailed(ILogger logger, Exception exception, string kind, JobId jobId);

    [LoggerMessage(EventId = 1020, Message = "The loop '{Loop}' failed; it tries again in {Rest}")]
    public static partial void LoopFailed(this ILogger logger, LogLevel level, Exception exception, string loop, TimeSpan rest);

    [LoggerMessage(EventId = 1021,
        Message =
        "Store {Store} refused a flush ({Refused} in a row); the enqueues in it were refused. Settlements that are kept and sent again: "
            + "{Kept}")]
    public static partial void FlushRefused(this ILogger logger, LogLevel level, Exception exception, string store, int refused, int kept);

    [LoggerMessage(1022, LogLevel.Warning,
        "The answer of store {Store} to flush {Sequence} was lost (attempt {Attempt}); it is repeated under the same number")]
    public static partial void AnswerLost(this ILogger logger, Exception exception, string store, long sequence, int attempt);

    [LoggerMessage(1023, LogLevel.Warning,
        "Jobs that store {Store} gave to this worker in an answer that was lost now start here: {Count}")]
    private static partial void AdoptedCore(ILogger logger, int count, string store);

    [LoggerMessage(1024, LogLevel.Error,
        "Store {Store} has declared this worker dead; it registers anew. Running handlers are told to stop: {Running}; jobs claimed and "
        + "not started are dropped: {Ahead}")]
    public static partial void WorkerGone(this ILogger logger, string store, int running, int ahead);

    [LoggerMessage(EventId = 1025,
        Message =
        "Store {Store} has not confirmed the lease in time. Handlers are told to stop before another worker may take their jobs: "
        + "{Running}")]
    public static partial void LeaseInDoubt(this ILogger logger, LogLevel level, string store, int running);

    [LoggerMessage(1026, LogLevel.Information, "Store {Store} confirms the lease again")]
    public static partial void LeaseConfirmedAgain(this ILogger logger, string store);

    [LoggerMessage(1027, LogLevel.Warning,
        "Jobs are taken back from {Workers}, whose lease was not renewed. Ready again: {Rescued} ({RescuedJobs}). Cancelled, as was "
        + "asked: {Cancelled} ({CancelledJobs})")]
    private static partial void RescuedCore(ILogger logger, string workers, int rescued, string rescuedJobs, int cancelled,
        string cancelledJobs);

    [LoggerMessage(1028, LogLevel.Debug, "Scheduled jobs that have become ready: {Count}")]
    public static partial void Promoted(this ILogger logger, int count);

    [LoggerMessage(1029, LogLevel.Warning,
        "Ready jobs of kind {Kinds} wait in queue {Queue}, and no handler here knows them; they are left for a worker that does")]
    public static partial void UnknownKinds(this ILogger logger, string kinds, string queue);

    [LoggerMessage(1030, LogLevel.Information, "Store {Store} takes flushes again; refused before that: {Refused}")]
    public static partial void FlushAccepted(this ILogger logger, string store, int refused);

    [LoggerMessage(1031, LogLevel.Warning,
        "Job {Kind} {JobId} has succeeded with its handler's transaction; how the handler ended after the commit is ignored: {Ending}")]
    public static partial void IgnoredAfterCommit(this ILogger logger, Exception? exception, string kind, JobId jobId, string ending);

    [LoggerMessage(1070, LogLevel.Warning,
        "Job {Kind} {JobId} was enqueued again with another payload under the same id: the one that was stored first counts, and this "
        + "one is ignored. Said once for each kind")]
    public static partial void OtherPayload(this ILogger logger, string kind, JobId jobId);

    [LoggerMessage(1080, LogLevel.Error,
        "The clock of this process is off by {Off} {FromWhat} (allowed: {Allowed}, MaxClockSkew). Until it is right, this process makes "
        + "no scheduled job of store {Store} ready and deletes nothing. Let it follow a time server.")]
    public static partial void ClockIsWrong(this ILogger logger, string store, TimeSpan off, string fromWhat, TimeSpan allowed);

    [LoggerMessage(1081, LogLevel.Information,
        "The clock of this process is right again, or has been steady long enough to be believed: the upkeep of store {Store} goes on")]
    public static partial void ClockIsRight(this ILogger logger, string store);

    [LoggerMessage(1083, LogLevel.Warning,
        "Queue {Queue} is declared here to keep succeeded jobs for {Succeeded} and failed and cancelled ones for {Failed}, and was "
        + "declared before under the same version of the application ({Version}) to keep them for {OtherSucceeded} and {OtherFailed}. The "
        + "first stays for what expires, is cancelled by hand or is taken back from a worker. Raise the version of the application with "
        + "each change (Simmer:ApplicationVersion, or <Version> in the project of the entry assembly)")]
    public static partial void QueueContradicted(this ILogger logger, string queue, TimeSpan succeeded, TimeSpan failed, Version version,
        TimeSpan otherSucceeded, TimeSpan otherFailed);

    [LoggerMessage(1084, LogLevel.Information,
        "A newer version of the application ({Version}) has declared queue {Queue}: succeeded jobs are kept for {Succeeded}, failed and "
        + "cancelled ones for {Failed}. That stays")]
    public static partial void QueueDeclaredByNewer(this ILogger logger, string queue, Version version, TimeSpan succeeded,
        TimeSpan failed);

    [LoggerMessage(1060, LogLevel.Warning,
        "Job {Kind} {JobId} reports a progress of {Fraction}; it takes a fraction from 0 to 1, and what is outside counts as the nearer "
        + "end. Said once for each kind")]
    public static partial void ProgressOutOfRange(this ILogger logger, string kind, JobId jobId, double fraction);

    [LoggerMessage(1032, LogLevel.Error,
        "Store {Store} refused the end of job {JobId} (run {Run}, {Ending}); refusals by now: {Times}. It is kept and sent again in "
        + "{Rest}, less and less often; until it is taken the job counts as running here, and if this process ends before that, the job "
        + "runs again")]
    public static partial void EndRefused(this ILogger logger, Exception exception, string store, JobId jobId, int run, string ending,
        int times, TimeSpan rest);

    [LoggerMessage(1033, LogLevel.Error,
        "Job {JobId} is set aside until {Until}: {Reason}. Its row is kept and looked at again then; other jobs are not concerned")]
    public static partial void JobSetAside(this ILogger logger, string jobId, DateTimeOffset until, string reason);

    [LoggerMessage(1041, LogLevel.Error,
        "The TimeProvider {Provider} threw. Whenever it throws, the system's clock is used instead, going on from its last time. Mend "
        + "it, or leave it out of the services")]
    public static partial void ClockFailed(this ILogger logger, Exception exception, string provider);

    [LoggerMessage(1090, LogLevel.Information,
        "Store {Store} takes its connection from {Source}; set as well and not used: {Overruled}")]
    public static partial void ConnectionFrom(this ILogger logger, string store, string source, string overruled);

    [LoggerMessage(1040, LogLevel.Warning, "{Mistake}")]
    public static partial void Mistake(this ILogger logger, string mistake);

    [LoggerMessage(1082, LogLevel.Warning,
        "A flush did not arrive at store {Store} (operations: {Operations}, bytes: {Bytes}); what was in it is sent again in smaller "
        + "flushes")]
    public static partial void FlushSplit(this ILogger logger, Exception exception, string store, int operations, long bytes);

    public static void Adopted(this ILogger logger, string store, int count) => AdoptedCore(logger, count, store);

    /// <summary>Logs how an attempt ended.</summary>
    /// <param name="logger">The log.</param>
    /// <param name="claim">The job.</param>
    /// <param name="exception">What its handler threw.</param>
    /// <param name="settlement">What the store is told.</param>
    /// <param name="time">The monotonic clock.</param>
    /// <param name="startedTimestamp">When it started, on that clock.</param>
    /// <param name="clock">The wall clock.</param>
    public static void JobEnded(this ILogger logger, JobClaim claim, Exception? exception, Settlement settlement, TimeProvider time,
        long startedTimestamp, WallClock clock)
    {
        var job = claim.Job;
        if (settlement.Error is not { } error)
        {
            if (logger.IsEnabled(LogLevel.Debug))
            {
                JobDone(logger, job.Kind, job.Id, settlement.State, time.GetElapsedTime(startedTimestamp).TotalMilliseconds);
            }
        }
        else if (settlement.State == JobState.Failed)
        {
            JobFailed(logger, exception, job.Kind, job.Id, claim.Attempt, job.MaxAttempts, error.Message);
        }
        else
        {
            AttemptFailed(logger, exception, job.Kind, job.Id, claim.Attempt, job.MaxAttempts, error.Message.TrimEnd('.'),
                Next(settlement, clock));
        }
    }

    private static string Next(Settlement settlement, WallClock clock) => (settlement.State, settlement.Delay) switch
    {
        (JobState.Scheduled, { } delay) when delay > TimeSpan.Zero => string.Create(
            CultureInfo.InvariantCulture,
                $"It is tried again in {delay.TotalSeconds:0.###} s, at "
                + $"{StoreRules.KeepUntil(clock.Now, delay):yyyy-MM-dd HH:mm:ss} UTC"),
        (JobState.Scheduled or JobState.Ready, _) => "It is tried again at once",
        (JobState.Cancelled, _) => "It is cancelled, as was asked",
        var (state, _) => $"It ends {state}",
    };

    /// <summary>Logs which workers died and what became of their jobs, with the ids of the first of them.</summary>
    public static void Rescued(this ILogger logger, RescueReport report) => RescuedCore(
        logger,
        report.Dead.Count == 0
            ? "a worker that had left them behind"
            : $"worker {string.Join(", worker ", report.Dead.Select(static w => w.Value))}",
        report.Rescued.Count, Few(report.Rescued), report.Cancelled.Count, Few(report.Cancelled));

    private static string Few(IReadOnlyList<JobId> ids) => ids.Count switch
    {
        0 => "none",
        <= 10 => string.Join(", ", ids),
        _ => $"{string.Join(", ", ids.Take(10))} and {ids.Count - 10:N0} more",
    };
}
