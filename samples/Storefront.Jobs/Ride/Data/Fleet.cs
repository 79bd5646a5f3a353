using System.Text.Json;
using Dapper;

namespace Storefront.Ride;

/// <summary>The drivers: where they are, which are free, and which ride has claimed which driver.</summary>
public sealed class Fleet(RideDatabase database, City city, RideSignals signals)
{
    /// <summary>All drivers and whether each is free.</summary>
    public async Task<IReadOnlyList<(Driver Driver, bool IsFree)>> AllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            "SELECT id, name, car, crossing, ride FROM drivers ORDER BY id", cancellationToken: cancellationToken));
        return [.. rows.Select(row => (new Driver((int)row.Id, row.Name, row.Car, (int)row.Crossing), row.Ride is null))];
    }

    /// <summary>The free drivers of a zone.</summary>
    public async Task<IReadOnlyList<Driver>> FreeInAsync(Zone zone, CancellationToken cancellationToken) =>
    [
        .. from one in await AllAsync(cancellationToken)
           where one.IsFree && zone.Contains(city.Crossings[one.Driver.Crossing])
           select one.Driver,
    ];

    /// <summary>Claims the first driver of the offers who is still free, and still where the offer's route begins.</summary>
    /// <returns>The assignment, the same one if the ride has one already; <see langword="null"/>: others were quicker,
    /// everywhere.</returns>
    /// <exception cref="RideOverException">The ride is off.</exception>
    public async Task<Assignment?> ClaimAsync(Guid ride, IReadOnlyList<Offer> offers, Route trip, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);

        // Takes the write lock at once, so that claims are made one after another.
        await using var transaction = connection.BeginTransaction(deferred: false);
        var key = new { ride = ride.ToString() };
        var (state, stored) = await connection.QuerySingleAsync<(long, string?)>("SELECT state, assignment FROM rides WHERE id = @ride",
            key, transaction);
        if ((RideState)state == RideState.Off)
        {
            throw new RideOverException(ride);
        }

        if (stored is not null)
        {
            // The attempt before this one claimed, and its process died before the step was settled.
            return JsonSerializer.Deserialize<Assignment>(stored);
        }

        foreach (var offer in offers)
        {
            var claimed = await connection
                .ExecuteAsync("UPDATE drivers SET ride = @ride WHERE id = @Id AND ride IS NULL AND crossing = @Crossing",
                new { key.ride, offer.Driver.Id, offer.Driver.Crossing }, transaction);
            if (claimed == 1)
            {
                var assignment = new Assignment(offer.Driver, offer.ToPickup, trip);
                await connection
                    .ExecuteAsync(
                    "UPDATE rides SET state = @state, assignment = @assignment, driven = 0, version = version + 1 WHERE id = @ride",
                    new { key.ride, state = (int)RideState.Coming, assignment = JsonSerializer.Serialize(assignment) }, transaction);
                await transaction.CommitAsync(cancellationToken);
                signals.Raise(ride);
                return assignment;
            }
        }

        return null;
    }

    /// <summary>Frees the driver of a ride, wherever the car is. A driver who drives for another ride by now is not touched.</summary>
    public async Task FreeAsync(Guid ride, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection
            .ExecuteAsync(new CommandDefinition("UPDATE drivers SET ride = NULL WHERE ride = @ride", new { ride = ride.ToString() },
            cancellationToken: cancellationToken));
    }

    /// <summary>A row as SQLite has it.</summary>
    private sealed record Row(long Id, string Name, string Car, long Crossing, string? Ride);
}
