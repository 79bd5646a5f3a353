namespace Simmer.CrashTests.Worker;

/// <summary>Does what no handler should do.</summary>
internal sealed class BadHandler(Effects effects, WorkerLife life) : IJobHandler<Bad>
{
    /// <summary>How many bad jobs run at once.</summary>
    public const int Slots = 4;

    /// <summary>The file that lets the jobs end that wait for the test.</summary>
    public const string Go = "go";

    private const int PageSize = 4096;

    private static readonly TimeSpan s_glance = TimeSpan.FromMilliseconds(20);

    private static int s_together;
    private static readonly TaskCompletionSource s_allTogether = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task HandleAsync(Bad job, JobContext context, CancellationToken cancellationToken)
    {
        var effect = effects.Started(context);
        try
        {
            await DoAsync(job, effect.Run == 1, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            effect.Stopped();
            throw;
        }

        effect.Done();
    }

    private Task DoAsync(Bad job, bool isFirst, CancellationToken cancellationToken)
    {
        switch (job.How)
        {
            case BadHow.Kill:
                Death.Now();
                break;
            case BadHow.FailFast:
                Environment.FailFast("as meant");
                break;
            case BadHow.ThrowOnThread:
                new Thread(static () => throw new InvalidOperationException("as meant")).Start();
                return Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            case BadHow.Block:
                Thread.Sleep(job.Milliseconds);
                break;
            case BadHow.IgnoreToken when isFirst:
                return Task.Delay(job.Milliseconds, CancellationToken.None);
            case BadHow.WorkLong when isFirst:
                return Task.Delay(job.Milliseconds, cancellationToken);
            case BadHow.Allocate:
                TakeAGigabyte();
                break;
            case BadHow.UntilTold:
                return UntilToldAsync(cancellationToken);
            case BadHow.BlockUntilTold:
                BlockUntilTold();
                break;
            case BadHow.Together:
                return AllTogether(cancellationToken);
            default:
                break;
        }

        return Task.CompletedTask;
    }

    private async Task UntilToldAsync(CancellationToken cancellationToken)
    {
        while (!File.Exists(Path.Combine(life.Folder, Go)))
        {
            await Task.Delay(s_glance, cancellationToken);
        }
    }

    private void BlockUntilTold()
    {
        using var never = new ManualResetEventSlim();
        while (!File.Exists(Path.Combine(life.Folder, Go)))
        {
            _ = never.Wait(s_glance);
        }
    }

    private static void TakeAGigabyte()
    {
        var memory = new byte[1 << 30];
        for (var i = 0; i < memory.Length; i += PageSize)
        {
            memory[i] = 1;
        }
    }

    private static Task AllTogether(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref s_together) == Slots)
        {
            s_allTogether.SetResult();
        }

        return s_allTogether.Task.WaitAsync(cancellationToken);
    }
}
