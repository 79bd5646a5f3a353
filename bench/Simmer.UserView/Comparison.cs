using Spectre.Console;

namespace Simmer.UserView;

/// <summary>Measures all endpoints in turn, several times over, so that what disturbs the machine disturbs all of them.</summary>
internal sealed class Comparison(int port, bool quick)
{
    private static readonly string[] s_mail = ["/inline", "/after", "/job"];
    private static readonly int[] s_connections = [1, 32];

    private readonly TimeSpan _round = TimeSpan.FromSeconds(quick ? 0.5 : 1.5);
    private readonly int _rounds = quick ? 3 : 7;

    public async Task<Report> RunAsync()
    {
        await WarmUpAsync();
        var loads = new List<Load>();
        foreach (var connections in s_connections)
        {
            var rounds = s_mail.ToDictionary(static p => p, static _ => new List<Load>());
            for (var i = 0; i < _rounds; i++)
            {
                foreach (var path in s_mail)
                {
                    rounds[path].Add(await Load.MeasureAsync(port, path, connections, _round));
                    await QuietAsync();
                }
            }

            loads.AddRange(rounds.Values.Select(Load.Median));
        }

        var (pairs, shares) = await PairsAsync();
        loads.AddRange(pairs);
        return new Report(loads, shares);
    }

    /// <summary>The endpoint with a task and without it, by turns: A B, B A, A B …; the share is taken pair by pair.</summary>
    private async Task<(IEnumerable<Load> Loads, IReadOnlyList<double> Shares)> PairsAsync()
    {
        List<Load> plain = [], task = [];
        var shares = new List<double>();
        for (var i = 0; i < (quick ? 5 : 15); i++)
        {
            foreach (var path in i % 2 == 0 ? new[] { "/plain", "/task" } : ["/task", "/plain"])
            {
                (path == "/plain" ? plain : task).Add(await Load.MeasureAsync(port, path, 32, _round));
            }

            shares.Add(task[^1].RequestsPerSecond / plain[^1].RequestsPerSecond);
            var (without, with) = (plain[^1].RequestsPerSecond, task[^1].RequestsPerSecond);
            AnsiConsole.MarkupLineInterpolated($"[grey]pair {i + 1}: {without:N0} without, {with:N0} with a task: {shares[^1]:P1}[/]");
        }

        return ([Load.Median(plain), Load.Median(task)], shares);
    }

    private async Task WarmUpAsync()
    {
        // Long enough for the second tier of the compiler.
        for (var i = 0; i < 2; i++)
        {
            foreach (var path in (string[])[.. s_mail, "/plain", "/task"])
            {
                _ = await Load.MeasureAsync(port, path, 16, TimeSpan.FromSeconds(quick ? 0.4 : 1));
            }
        }

        await QuietAsync();
    }

    // The mails of the last round are sent before the next begins.
    private static Task QuietAsync() => Task.Delay(150);
}
