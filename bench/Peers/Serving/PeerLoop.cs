using System.Globalization;
using System.Text.Json;
using Peers.Measuring;
using Peers.Running;

namespace Peers.Serving;

/// <summary>One process of a peer that is a .NET library. It carries out each line of its input and answers with a line of JSON. At the end
/// of its input it stops and says how many jobs have run here. Peers in other languages have the same loop in their language.</summary>
internal sealed class PeerLoop(IPeer peer, Tally tally)
{
    public async Task<int> RunAsync()
    {
        Say(new Answer { Versions = peer.Versions });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            Say(await DoAsync(words[0], [.. words[1..].Select(static w => double.Parse(w, CultureInfo.InvariantCulture))]));
        }

        await peer.DisposeAsync();
        Say(new Answer { Ran = tally.Ran });
        return 0;
    }

    private static void Say(Answer answer) => Console.WriteLine(JsonSerializer.Serialize(answer, Answer.Json));

    private async Task<Answer> DoAsync(string command, double[] numbers) => command switch
    {
        Commands.Prepare => await PrepareAsync(),
        Commands.Single => await MeasureAsync(() => SingleAsync(numbers[0], (int)numbers[1])),
        Commands.Bulk => await MeasureAsync(() => BulkAsync((long)numbers[0], (int)numbers[1], (int)numbers[2])),
        Commands.Rare => await RareAsync((int)numbers[0], numbers[1], numbers[2]),
        Commands.Work => await WorkAsync((long)numbers.ElementAtOrDefault(0), (long)numbers.ElementAtOrDefault(1)),
        Commands.Starts => new Answer { Microseconds = await tally.StartsAsync((int)numbers[0]) },
        _ => throw new InvalidOperationException($"'{command}' is no command."),
    };

    private async Task<Answer> PrepareAsync()
    {
        await peer.PrepareAsync();
        return new Answer();
    }

    private static async Task<Answer> MeasureAsync(Func<Task<long>> enqueue)
    {
        var began = Clock.Now;
        var jobs = await enqueue();
        return new Answer { Jobs = jobs, Seconds = Clock.Seconds(Clock.Now - began) };
    }

    private async Task<long> SingleAsync(double seconds, int callers)
    {
        var until = Clock.Now + (long)(seconds * 1e9);
        var jobs = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var made = 0L;
            while (Clock.Now < until)
            {
                await peer.AddAsync(Note.Make());
                made++;
            }

            return made;
        })));
        return jobs.Sum();
    }

    private async Task<long> BulkAsync(long jobs, int size, int callers)
    {
        var asked = 0L;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Add(ref asked, size) <= jobs)
            {
                await peer.AddManyAsync([.. Enumerable.Range(0, size).Select(static _ => Note.Make())]);
            }
        })));
        return jobs;
    }

    private async Task<Answer> RareAsync(int jobs, double shortest, double longest)
    {
        for (var i = 0; i < jobs; i++)
        {
            await peer.AddAsync(Note.Make(Clock.Now));
            await Task.Delay(TimeSpan.FromMilliseconds(shortest + (Random.Shared.NextDouble() * (longest - shortest))));
        }

        return new Answer { Jobs = jobs };
    }

    private async Task<Answer> WorkAsync(long warmUp, long jobs)
    {
        var (first, last) = (tally.WhenAsync(warmUp), tally.WhenAsync(warmUp + jobs));
        await peer.WorkAsync();
        var began = await first;
        return new Answer { Jobs = jobs, Seconds = Clock.Seconds(await last - began) };
    }
}
