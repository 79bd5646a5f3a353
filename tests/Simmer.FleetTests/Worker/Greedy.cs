using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Simmer.FleetTests.Worker;

/// <summary>An application that takes every connection its pool has left, and gives none back.</summary>
internal sealed class Greedy(NpgsqlDataSource database) : BackgroundService
{
    private static readonly TimeSpan s_rest = TimeSpan.FromMilliseconds(20);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var taken = new List<NpgsqlConnection>();
        try
        {
            while (true)
            {
                await TakeAsync(taken, stoppingToken);
                await Task.Delay(s_rest, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
        finally
        {
            taken.ForEach(static c => c.Dispose());
        }
    }

    private async Task TakeAsync(List<NpgsqlConnection> taken, CancellationToken stoppingToken)
    {
        try
        {
            taken.Add(await database.OpenConnectionAsync(stoppingToken));
            Console.WriteLine($"greedy has {taken.Count}");
        }
        catch (NpgsqlException)
        {
            Console.WriteLine("greedy got none");
        }
    }
}
