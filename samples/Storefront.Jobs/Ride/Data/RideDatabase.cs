using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Storefront.Shared;

namespace Storefront.Ride;

/// <summary>The tables of the rides in the shop's database, and the fleet in them.</summary>
public sealed class RideDatabase(ShopDatabase shop, City city, IOptions<RideOptions> options)
{
    private const int FleetSeed = 11;

    private static readonly string[] s_names =
        ["Ada", "Linus", "Grace", "Edsger", "Barbara", "Alan", "Radia", "Ken", "Frances", "Niklaus", "Margaret", "Donald", "Joan", "Tony",
            "Mary", "Dennis"];

    private static readonly string[] s_colours = ["red", "blue", "white", "green", "black", "yellow", "silver"];

    private static readonly string[] s_cars = ["hatchback", "estate", "saloon", "minibus", "convertible"];

    private readonly Lazy<Task> _made = new(() => MakeAsync(shop, city, options.Value.Drivers));

    /// <summary>Opens a pooled connection; dispose it soon.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await _made.Value.WaitAsync(cancellationToken);
        return await shop.OpenAsync(cancellationToken);
    }

    private static async Task MakeAsync(ShopDatabase shop, City city, int drivers)
    {
        await using var connection = await shop.OpenAsync(CancellationToken.None);
        await using var transaction = connection.BeginTransaction(deferred: false);
        await connection.ExecuteAsync(Schema, transaction: transaction);
        await connection
            .ExecuteAsync("INSERT INTO drivers (id, name, car, crossing) VALUES (@Id, @Name, @Car, @Crossing) ON CONFLICT DO NOTHING",
            Fleet(city, drivers), transaction);
        await connection.ExecuteAsync("DELETE FROM drivers WHERE id > @drivers AND ride IS NULL", new { drivers }, transaction);
        await transaction.CommitAsync();
    }

    private static IEnumerable<Driver> Fleet(City city, int drivers)
    {
        var random = new Random(FleetSeed);
        var places = city.Crossings.Select(crossing => crossing.Id).ToArray();
        random.Shuffle(places);
        for (var id = 1; id <= drivers; id++)
        {
            var name = $"{s_names[(id - 1) % s_names.Length]} {(char)('A' + ((id - 1) / s_names.Length))}.";
            yield return new Driver(id, name, $"{s_colours[random.Next(s_colours.Length)]} {s_cars[random.Next(s_cars.Length)]}",
                places[id - 1]);
        }
    }

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS rides (
            id           TEXT    PRIMARY KEY,         -- that of its workflow
            pickup       INTEGER NOT NULL,
            destination  INTEGER NOT NULL,
            requested_at TEXT    NOT NULL,
            state        INTEGER NOT NULL DEFAULT 0,
            assignment   TEXT,                        -- driver and routes, as JSON
            driven       REAL    NOT NULL DEFAULT 0,  -- the checkpoint of the drive: seconds on the present route
            reason       TEXT,
            version      INTEGER NOT NULL DEFAULT 1   -- raised with each change; the id of live events
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE IF NOT EXISTS drivers (
            id       INTEGER PRIMARY KEY,
            name     TEXT    NOT NULL,
            car      TEXT    NOT NULL,
            crossing INTEGER NOT NULL,                -- where the car stands, or the crossing it passed last
            ride     TEXT    UNIQUE                   -- who has claimed the driver: a ride has one, a driver has one
        ) STRICT;
        """;
}
