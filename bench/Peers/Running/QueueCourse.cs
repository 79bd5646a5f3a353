using Peers.Contestants;
using Peers.Measuring;
using Peers.Servers;

namespace Peers.Running;

/// <summary>One round of a queue: callers fill it, a worker drains it, and then it idles. Every job is accounted for.</summary>
internal sealed class QueueCourse(QueueContestant contestant, Plan plan, Grounds grounds, Score score)
{
    private const int ShortestPause = 10;
    private const int LongestPause = 30;
    private const int WarmUpStarts = 10;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var ground = await grounds.OpenAsync(contestant.Kind, cancellationToken);
        await using var client = await StartAsync(ground, cancellationToken);
        await client.AskAsync($"{Commands.Prepare}", cancellationToken);

        var singles = await FillSinglyAsync(client, cancellationToken);
        var jobs = await FillAsync(client, cancellationToken);
        await ground.SettleAsync();
        await DrainAsync(ground, singles, jobs, cancellationToken);

        await ground.SettleAsync();
        await IdleAsync(ground, client, cancellationToken);
        await client.EndAsync(cancellationToken);
        if (contestant.StartsHere)
        {
            await IdleInOneProcessAsync(ground, cancellationToken);
        }
    }

    /// <summary>64 callers, one job a call.</summary>
    private async Task<long> FillSinglyAsync(PeerProcess client, CancellationToken cancellationToken)
    {
        var warmUp = await client.AskAsync($"{Commands.Single} {plan.WarmUpSeconds} {Plan.Callers}", cancellationToken);
        var made = await client.AskAsync($"{Commands.Single} {plan.Seconds} {Plan.Callers}", cancellationToken);
        score.Add(Rate.Enqueue, made.PerSecond);
        return warmUp.Jobs + made.Jobs;
    }

    /// <summary>The jobs that are to be drained, by the call for many where there is one.</summary>
    private async Task<long> FillAsync(PeerProcess client, CancellationToken cancellationToken)
    {
        var jobs = plan.JobsOf(contestant.Jobs);
        if (contestant.HasBulk)
        {
            var made = await client.AskAsync($"{Commands.Bulk} {jobs} {Plan.BulkSize} {Plan.BulkCallers}", cancellationToken);
            score.Add(Rate.Bulk, made.PerSecond);
            return made.Jobs;
        }

        var waiting = 0L;
        while (waiting < jobs)
        {
            waiting += (await client.AskAsync($"{Commands.Single} {plan.Seconds} {Plan.Callers}", cancellationToken)).Jobs;
        }

        return waiting;
    }

    /// <summary>A new worker runs all; the jobs that came singly are its warm-up.</summary>
    private async Task DrainAsync(IGround ground, long warmUp, long jobs, CancellationToken cancellationToken)
    {
        await using var worker = await StartAsync(ground, cancellationToken);
        var drained = await worker.AskAsync($"{Commands.Work} {warmUp} {jobs}", cancellationToken);
        score.Add(Rate.Drain, drained.PerSecond);
        await EndAsync(worker, warmUp + jobs, cancellationToken);
    }

    /// <summary>A worker that finds nothing to do is given one job now and then.</summary>
    private async Task IdleAsync(IGround ground, PeerProcess client, CancellationToken cancellationToken)
    {
        await using var worker = await StartAsync(ground, cancellationToken);
        await worker.AskAsync($"{Commands.Work}", cancellationToken);

        // Anywhere between two looks, and never two jobs for one look.
        var polled = contestant.Polls > TimeSpan.Zero;
        var (shortest, longest) = polled
            ? (contestant.Polls.TotalMilliseconds, 2 * contestant.Polls.TotalMilliseconds)
            : (ShortestPause, LongestPause);
        var jobs = polled ? plan.PolledStarts : plan.Starts;
        var ran = 0;
        foreach (var (count, timed) in new[] { (polled ? 1 : WarmUpStarts, false), (jobs, true) })
        {
            await client.AskAsync($"{Commands.Rare} {count} {shortest} {longest}", cancellationToken);
            await AddStartsAsync(worker, timed ? Wait.Start : null, count, cancellationToken);
            ran += count;
        }

        // If it ran more, those would be jobs that the worker before had run and not settled.
        await EndAsync(worker, ran, cancellationToken);
    }

    private async Task IdleInOneProcessAsync(IGround ground, CancellationToken cancellationToken)
    {
        await using var both = await StartAsync(ground, cancellationToken);
        await both.AskAsync($"{Commands.Work}", cancellationToken);
        foreach (var (count, timed) in new[] { (WarmUpStarts, false), (plan.Starts, true) })
        {
            await both.AskAsync($"{Commands.Rare} {count} {ShortestPause} {LongestPause}", cancellationToken);
            await AddStartsAsync(both, timed ? Wait.StartHere : null, count, cancellationToken);
        }

        await EndAsync(both, WarmUpStarts + plan.Starts, cancellationToken);
    }

    private async Task AddStartsAsync(PeerProcess worker, Wait? wait, int count, CancellationToken cancellationToken)
    {
        var starts = (await worker.AskAsync($"{Commands.Starts} {count}", cancellationToken)).Microseconds!;
        if (wait is { } measured)
        {
            score.Add(measured, starts);
        }
    }

    private async Task<PeerProcess> StartAsync(IGround ground, CancellationToken cancellationToken)
    {
        var process = await PeerProcess.StartAsync(contestant.Launch(ground.Address), cancellationToken);
        foreach (var (what, version) in process.Versions)
        {
            score.Versions[what] = version;
        }

        return process;
    }

    private static async Task EndAsync(PeerProcess worker, long expected, CancellationToken cancellationToken)
    {
        var ran = await worker.EndAsync(cancellationToken);
        if (ran != expected)
        {
            throw new PeerFailedException($"{expected} jobs were enqueued, but {ran} ran.");
        }
    }
}
