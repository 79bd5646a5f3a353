using Dapper;
using Storefront.Shared;

namespace Storefront.Compare;

/// <summary>The action that is compared: it sends a mail through a slow gateway and notes that it was sent.</summary>
public sealed class ReceiptMailer(SlowGateway gateway, ShopDatabase shop)
{
    public async Task SendAsync(string key, string run, string way, CancellationToken cancellationToken)
    {
        await gateway.CallAsync(cancellationToken);
        await using var connection = await shop.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO receipts (key, run, way) VALUES (@key, @run, @way) ON CONFLICT DO NOTHING",
            new { key, run, way }, cancellationToken: cancellationToken));
    }

    /// <summary>How many mails of a run have gone out, by way.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountAsync(string run, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var counts = await connection.QueryAsync<(string Way, long Sent)>(new CommandDefinition(
            "SELECT way, count(*) FROM receipts WHERE run = @run GROUP BY way", new { run }, cancellationToken: cancellationToken));
        return counts.ToDictionary(count => count.Way, count => count.Sent);
    }
}
