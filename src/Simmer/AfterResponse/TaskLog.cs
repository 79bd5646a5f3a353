using Microsoft.Extensions.Logging;

namespace Simmer.AfterResponse;

/// <summary>What is logged about after-response tasks. Event ids 1100 to 1199.</summary>
internal static partial class TaskLog
{
    public static void TaskFailed(this ILogger logger, Exception exception, AfterResponseBatch batch, int index) => TaskFailedCore(
        logger, exception, batch.NamesOf(index, index + 1)[0], index
            + 1, batch.Count, RequestOf(batch), TraceOf(batch), Joined(batch.NamesOf(0, index)));

    public static void TaskScopeFailed(this ILogger logger, Exception exception, AfterResponseBatch batch, int index) =>
        TaskScopeFailedCore(logger, exception, batch.NamesOf(index, index + 1)[0], RequestOf(batch));

    public static void TasksSkipped(this ILogger logger, AfterResponseBatch batch, int failed)
    {
        if (failed + 1 < batch.Count)
        {
            TasksSkippedCore(logger, batch.Count - failed - 1, RequestOf(batch), batch.NamesOf(failed, failed + 1)[0],
                Joined(batch.NamesOf(failed + 1, batch.Count)));
        }
    }

    public static void TasksLost(this ILogger logger, AfterResponseBatch batch, IReadOnlyList<string> lost) =>
        TasksLostCore(logger, lost.Count, RequestOf(batch), Joined(lost));

    public static void TasksDropped(this ILogger logger, AfterResponseBatch batch, string why, bool isFirst)
    {
        if (isFirst && logger.IsEnabled(LogLevel.Warning))
        {
            FirstTasksDroppedCore(logger, batch.Count, batch.Endpoint!, RequestOf(batch), why, Joined(batch.Names));
        }

        if (logger.IsEnabled(LogLevel.Debug))
        {
            TasksDroppedCore(logger, batch.Count, RequestOf(batch), why, Joined(batch.Names));
        }
    }

    public static void BatchRefused(this ILogger logger, Exception exception, AfterResponseBatch batch) =>
        BatchRefusedCore(logger, exception, batch.Count, RequestOf(batch), Joined(batch.Names));

    [LoggerMessage(1100, LogLevel.Error,
        "After-response task {Task} ({Position} of {Count}) of {Request} threw; trace {TraceId}; before it: {Before}")]
    private static partial void TaskFailedCore(ILogger logger, Exception exception, string task, int position, int count, string request,
        string traceId, string before);

    [LoggerMessage(1101, LogLevel.Warning,
        "After-response work of {Request} is skipped because {Task} failed (StopOnFailure). Tasks skipped: {Count} ({Names})")]
    private static partial void TasksSkippedCore(ILogger logger, int count, string request, string task, string names);

    [LoggerMessage(1102, LogLevel.Warning,
        "After-response work of {Request} was told to stop before it had ended and is lost. Tasks lost: {Count} ({Names})")]
    private static partial void TasksLostCore(ILogger logger, int count, string request, string names);

    [LoggerMessage(1103, LogLevel.Warning, "The services of after-response task {Task} of {Request} could not be released")]
    private static partial void TaskScopeFailedCore(ILogger logger, Exception exception, string task, string request);

    [LoggerMessage(1104, LogLevel.Error, "After-response work of {Request} could not be queued and is lost. Tasks lost: {Count} ({Names})")]
    private static partial void BatchRefusedCore(ILogger logger, Exception exception, int count, string request, string names);

    [LoggerMessage(1105, LogLevel.Debug,
        "After-response work does not run because {Request} failed (it {Why}). Tasks dropped: {Count} ({Names})", SkipEnabledCheck = true)]
    private static partial void TasksDroppedCore(ILogger logger, int count, string request, string why, string names);

    [LoggerMessage(1106, LogLevel.Warning,
        "After-response work of {Endpoint} does not run because {Request} {Why}. Tasks dropped: {Count} ({Names}). Tasks run after "
        + "answers below 400; set RunWhen = RunWhen.Always where they are to run all the same. Further ones of this endpoint are told at "
        + "level Debug", SkipEnabledCheck = true)]
    private static partial void FirstTasksDroppedCore(ILogger logger, int count, string endpoint, string request, string why, string names);

    private static string RequestOf(AfterResponseBatch batch) =>
        batch.Method is null ? "a scope without a request" : $"{batch.Method} {batch.Path}";

    private static string TraceOf(AfterResponseBatch batch) => batch.Origin is { } origin ? origin.TraceId.ToHexString() : "none";

    private static string Joined(IReadOnlyList<string> names) => names.Count == 0 ? "nothing" : string.Join(", ", names);
}
