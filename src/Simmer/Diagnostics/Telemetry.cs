using System.Diagnostics;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Diagnostics;

/// <summary>Activities, named by OpenTelemetry's semantic conventions for messaging. Free when nobody listens.</summary>
internal static class Telemetry
{
    /// <summary>The name of the <see cref="ActivitySource"/> and of the meter.</summary>
    public const string Name = "Simmer";

    // Null if a listener threw when it was asked whether it listens; then nothing is traced.
    private static readonly ActivitySource? s_source = Source();

    public static Span StartSend(string queue) => s_source?.HasListeners() != true
        ? default
        : Span.Start(queue, static queue => s_source!.StartActivity($"send {queue}", ActivityKind.Producer)?
        .SetTag("messaging.system", "simmer")
        .SetTag("messaging.operation.name", "send")
        .SetTag("messaging.operation.type", "send")
        .SetTag("messaging.destination.name", queue));

    /// <summary>Notes how many jobs one call has sent.</summary>
    public static void Sent(Span span, int count) => span.Activity?.SetTag("messaging.batch.message_count", count);

    /// <summary>The W3C trace context for work that stays in this process; null if nobody listens, because making its text is not
    /// free.</summary>
    public static string? ContextOf(Activity? origin) =>
        origin is { IdFormat: ActivityIdFormat.W3C } && s_source?.HasListeners() == true ? origin.Id : null;

    /// <summary>Starts the span of an attempt. Its parent is the activity that enqueued the job, so that the trace of a request continues
    /// in its jobs.</summary>
    public static Span StartProcess(JobClaim claim) => s_source?.HasListeners() == true ? Span.Start(claim, Process) : default;

    public static void End(Span span, OutcomeKind outcome, Exception? error, Settlement settlement)
    {
        if (span.Activity is not null)
        {
            span.Tell((outcome, error, settlement), static (activity, end) => Describe(activity, end.outcome, end.error, end.settlement));
        }
    }

    private static void Describe(Activity activity, OutcomeKind outcome, Exception? exception, Settlement settlement)
    {
        activity.SetTag("simmer.job.outcome", outcome.ToString()).SetTag("simmer.job.state", settlement.State.ToString());
        if (settlement.Error is { } error)
        {
            activity.SetTag("error.type", error.Type).SetStatus(ActivityStatusCode.Error, error.Message);
        }

        if (exception is not null)
        {
            activity.AddException(exception);
        }
    }

    private static ActivitySource? Source()
    {
        try
        {
            return new ActivitySource(Name);
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static Activity? Process(JobClaim claim)
    {
        _ = ActivityContext.TryParse(claim.Job.TraceParent, claim.Job.TraceState, isRemote: true, out var parent);
        var activity = s_source!.StartActivity($"process {claim.Job.Queue}", ActivityKind.Consumer, parent);
        return activity?.SetTag("messaging.system", "simmer")
            .SetTag("messaging.operation.name", "process")
            .SetTag("messaging.operation.type", "process")
            .SetTag("messaging.destination.name", claim.Job.Queue)
            .SetTag("messaging.message.id", claim.Job.Id.ToString())
            .SetTag("simmer.job.kind", claim.Job.Kind)
            .SetTag("simmer.job.attempt", claim.Attempt);
    }
}
