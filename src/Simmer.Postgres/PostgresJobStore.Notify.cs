using System.Globalization;

namespace Simmer.Postgres;

internal sealed partial class PostgresJobStore
{
    /// <summary>Sends a notification in a transaction of its own, on the heartbeat's connection: never behind a flush.</summary>
    internal async ValueTask NotifyAsync(string channel, string payload, CancellationToken cancellationToken) =>
        _ = await _beat.RunAsync(connection =>
        {
            Alone(connection, batch => batch.Add("SELECT pg_notify($1, $2)").Bind(channel).Bind(payload).Each(static _ => { }),
                _beat.IsPlain).Run();
            return true;
        }, cancellationToken);

    /// <summary>Others have stored jobs of some queues; the numbers, separated by commas, or nothing for any.</summary>
    /// <returns>Their names; none if one of them is not known here.</returns>
    internal IReadOnlyCollection<string> OthersHaveStored(string queues)
    {
        if (queues.Length == 0)
        {
            _lowWater.Stale();
            return [];
        }

        var names = new List<string>();
        var areAllKnown = true;
        foreach (var part in queues.AsSpan().Split(','))
        {
            if (int.TryParse(queues.AsSpan()[part], NumberStyles.None, CultureInfo.InvariantCulture, out var queue))
            {
                _lowWater.Stale(queue);
                if (_names.QueueName(queue) is { } name)
                {
                    names.Add(name);
                }
                else
                {
                    areAllKnown = false;
                }
            }
        }

        return areAllKnown ? names : [];
    }
}
