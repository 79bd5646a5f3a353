using Simmer.Context;
using Simmer.Diagnostics;
using Simmer.Execution.Intake;
using Simmer.Jobs;
using Simmer.Storage;

namespace Simmer.Execution;

/// <summary>Watches the runs of one store: time limits, handlers that do not stop, progress to be stored, jobs claimed ahead too long. One
/// loop watches all of them, because a timer for each job would cost more than the rest of the engine.</summary>
internal sealed class RunWatch(EngineContext context, JobTable table, AheadClaims ahead, FlushIntake intake)
    : BackgroundLoop(context, "run watch")
{
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private long _nextLook = long.MaxValue;

    /// <summary>A run started: look in time for its limit.</summary>
    public void Started(JobRun run) => LookAt(run.StartedTimestamp + Ticks(run.TimeLimit));

    /// <summary>A handler reported progress: store it now, or when the interval is over.</summary>
    public void ProgressChanged(JobRun run)
    {
        var now = Context.Time.GetTimestamp();
        var due = run.ProgressSentTimestamp + Ticks(JobRun.ProgressInterval);
        if (run.ProgressSentTimestamp == 0 || now >= due)
        {
            Send(run, now);
        }
        else
        {
            LookAt(due);
        }
    }

    protected override ValueTask<TimeSpan> TurnAsync()
    {
        var now = Context.Time.GetTimestamp();
        var next = now + Ticks(s_longest);
        Volatile.Write(ref _nextLook, next);
        foreach (var run in table.Snapshot())
        {
            next = Math.Min(next, Look(run, now));
        }

        next = Math.Min(next, GiveBackWhatWaitsTooLong(now));
        LookAt(next, wake: false);
        var rest = TimeSpan.FromSeconds((Volatile.Read(ref _nextLook) - now) / (double)Context.Time.TimestampFrequency);
        return ValueTask.FromResult(rest > TimeSpan.Zero ? rest : TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Looks at one run and says when to look again.</summary>
    private long Look(JobRun run, long now)
    {
        var next = long.MaxValue;
        if (run.StopReason == StopReason.None)
        {
            var limit = run.StartedTimestamp + Ticks(run.TimeLimit);
            if (now >= limit)
            {
                run.Stop(StopReason.TimeLimit);
                limit = now + Ticks(Context.Options.StuckAfter);
            }

            next = limit;
        }
        else if (!run.IsStuck)
        {
            var stuck = run.StopTimestamp + Ticks(Context.Options.StuckAfter);
            if (now >= stuck)
            {
                ReportStuck(run);
            }
            else
            {
                next = stuck;
            }
        }

        return Math.Min(next, SendProgress(run, now));
    }

    private long SendProgress(JobRun run, long now)
    {
        if (!run.HasUnsentProgress)
        {
            return long.MaxValue;
        }

        var due = run.ProgressSentTimestamp + Ticks(JobRun.ProgressInterval);
        if (now < due)
        {
            return due;
        }

        Send(run, now);
        return long.MaxValue;
    }

    private void Send(JobRun run, long now)
    {
        run.ProgressSentTimestamp = now;
        if (run.TakeProgress() is { } note)
        {
            intake.Note(note);
        }
    }

    private void ReportStuck(JobRun run)
    {
        if (!run.TryMarkStuck(out var mayNote))
        {
            return;
        }

        Context.Metrics.Stuck(run.Claim);
        Context.Logger.HandlerStuck(run.Claim.Job.Kind, run.Claim.Job.Id, run.StopReason, Context.Options.StuckAfter);
        if (mayNote)
        {
            intake.Note(new ProgressNote(run.Claim.Token, run.Progress.Fraction, run.Progress.Text, Stuck: true));
        }
    }

    private long GiveBackWhatWaitsTooLong(long now)
    {
        var limit = Ticks(LocalQueue.AheadTimeToLive);
        ahead.GiveBack(ahead.TakeExpired(now - limit));
        return ahead.Oldest() + limit ?? long.MaxValue;
    }

    private void LookAt(long timestamp, bool wake = true)
    {
        var planned = Volatile.Read(ref _nextLook);
        while (timestamp < planned)
        {
            var seen = Interlocked.CompareExchange(ref _nextLook, timestamp, planned);
            if (seen == planned)
            {
                if (wake)
                {
                    Wake();
                }

                return;
            }

            planned = seen;
        }
    }

    private long Ticks(TimeSpan time) => (long)Math.Min(time.TotalSeconds * Context.Time.TimestampFrequency, long.MaxValue / 4);
}
