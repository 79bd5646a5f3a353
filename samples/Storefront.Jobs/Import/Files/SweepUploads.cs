using Dapper;
using Storefront.Shared;

namespace Storefront.Import;

/// <summary>Deletes what a killed process left behind in the uploads: half a file, or one whose import was never stored.</summary>
public sealed class SweepUploads(DataDirectory data, ShopDatabase shop, TimeProvider clock) : IHostedService
{
    // Another process may be receiving a file right now, but no upload takes a day.
    private static readonly TimeSpan s_forgottenAfter = TimeSpan.FromDays(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var needed = (await connection.QueryAsync<string>("SELECT file FROM imports WHERE finished = 0"))
            .Select(file => Path.Combine(data.Root, file)).ToHashSet();
        var before = clock.GetUtcNow() - s_forgottenAfter;
        foreach (var file in new DirectoryInfo(data.Uploads).EnumerateFiles()
            .Where(file => file.LastWriteTimeUtc < before && !needed.Contains(file.FullName)))
        {
            file.Delete();
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
