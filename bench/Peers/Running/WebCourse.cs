using Peers.Contestants;
using Peers.Measuring;
using Peers.Servers;

namespace Peers.Running;

/// <summary>One round of a web server: 64 connections whose every request adds a task, and then single requests to an idle
/// server.</summary>
internal sealed class WebCourse(WebContestant contestant, Plan plan, Score score)
{
    private const int WarmUpStarts = 10;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var port = Ports.Free();
        await using var server = await PeerProcess.StartAsync(contestant.Launch($"{port}"), cancellationToken);
        foreach (var (what, version) in server.Versions)
        {
            score.Versions[what] = version;
        }

        await Ports.WhenOpenAsync(port, cancellationToken);
        await LoadAsync(port, cancellationToken);
        await IdleAsync(port, cancellationToken);
    }

    private async Task LoadAsync(int port, CancellationToken cancellationToken)
    {
        var connections = new List<HttpConnection>();
        try
        {
            for (var i = 0; i < Plan.Callers; i++)
            {
                connections.Add(await HttpConnection.OpenAsync(port, cancellationToken));
            }

            var warmUp = await RequestAsync(connections, plan.WarmUpSeconds, cancellationToken);
            var began = Clock.Now;
            var requests = await RequestAsync(connections, plan.Seconds, cancellationToken);
            score.Add(Rate.Enqueue, requests / Clock.Seconds(Clock.Now - began));
            await CheckAsync(connections, warmUp + requests, cancellationToken);
        }
        finally
        {
            connections.ForEach(static c => c.Dispose());
        }
    }

    private static async Task<long> RequestAsync(List<HttpConnection> connections, double seconds, CancellationToken cancellationToken)
    {
        var until = Clock.Now + (long)(seconds * 1e9);
        return (await Task.WhenAll(connections.Select(c => Task.Run(() => c.AddUntilAsync(until, cancellationToken), cancellationToken))))
            .Sum();
    }

    /// <summary>Every process of the server has answered some connection, and every task has run once all have.</summary>
    private static async Task CheckAsync(List<HttpConnection> connections, long expected, CancellationToken cancellationToken)
    {
        var began = Clock.Now;
        var ran = 0L;
        while (ran != expected)
        {
            if (Clock.Now - began > s_patience.TotalNanoseconds)
            {
                throw new PeerFailedException($"{expected} requests each added a task, but {ran} tasks ran.");
            }

            await Task.Delay(s_pause, cancellationToken);
            var reports = await Task.WhenAll(connections.Select(c => c.RanAsync(cancellationToken)));
            ran = reports.GroupBy(static r => r.Process).Sum(static p => p.Max(static r => r.Ran));
        }
    }

    private async Task IdleAsync(int port, CancellationToken cancellationToken)
    {
        using var connection = await HttpConnection.OpenAsync(port, cancellationToken);
        var calls = new List<(long Sent, long Answered)>();
        for (var i = 0; i < WarmUpStarts + plan.Starts; i++)
        {
            var sent = Clock.Now;
            await connection.AddAsync(cancellationToken);
            calls.Add((sent, Clock.Now));
            await Task.Delay(s_pause * (0.5 + Random.Shared.NextDouble()), cancellationToken);
        }

        // One connection is served by one process, one request after the other: its last tasks are those of the last calls.
        var timed = (await connection.RanAsync(cancellationToken)).Starts.TakeLast(plan.Starts).Zip(calls.TakeLast(plan.Starts)).ToList();
        score.Add(Wait.Start, timed.Select(static t => Clock.Microseconds(t.First - t.Second.Sent)));
        score.Add(Wait.AfterResponse, timed.Select(static t => Clock.Microseconds(t.First - t.Second.Answered)));
    }
}
