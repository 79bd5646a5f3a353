using System.Text.Json;
using Dapper;

namespace Storefront.Ride;

/// <summary>The rides in the shop's database. Every change of one is signalled to its watchers.</summary>
public sealed class RideStore(RideDatabase database, RideSignals signals, TimeProvider clock)
{
    /// <summary>Notes a ride before its workflow is enqueued.</summary>
    public async Task AddAsync(Guid id, Crossing pickup, Crossing destination, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO rides (id, pickup, destination, requested_at) VALUES (@id, @pickup, @destination, @now)",
            new { id = id.ToString(), pickup = pickup.Id, destination = destination.Id, now = clock.GetUtcNow().ToString("O") },
                cancellationToken: cancellationToken));
    }

    public async Task RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection
            .ExecuteAsync(new CommandDefinition("DELETE FROM rides WHERE id = @id", new { id = id.ToString() },
            cancellationToken: cancellationToken));
    }

    public async Task<RideSnapshot?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            "SELECT pickup, destination, state, version, driven, assignment, reason FROM rides WHERE id = @id", new { id = id.ToString() },
                cancellationToken: cancellationToken));
        return row is null
            ? null
            : new RideSnapshot(id, (int)row.Pickup, (int)row.Destination, (RideState)row.State, row.Version, row.Driven,
            row.Assignment is null ? null : JsonSerializer.Deserialize<Assignment>(row.Assignment), row.Reason);
    }

    /// <exception cref="InvalidOperationException">There is no such ride: its request was given up at the last moment, or the shop's
    /// database was replaced.</exception>
    public async Task<RideSnapshot> GetAsync(Guid id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) ?? throw new InvalidOperationException(
        $"Ride {id} is not known: its request was given up at the last moment, or the shop's database was replaced.");

    /// <summary>Moves the car of a ride, and the checkpoint with it.</summary>
    /// <param name="ride">The ride as it was before.</param>
    /// <param name="driven">How far it is now, in seconds on the route.</param>
    /// <param name="crossing">The crossing that the car passed last.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The ride as it is now.</returns>
    /// <exception cref="InvalidOperationException">Another attempt drives this car.</exception>
    public Task<RideSnapshot> MoveAsync(RideSnapshot ride, double driven, int crossing, CancellationToken cancellationToken) =>
        ChangeAsync(ride, ride with { Driven = driven },
            "UPDATE drivers SET crossing = @crossing WHERE ride = @id AND crossing <> @crossing", crossing, cancellationToken);

    /// <summary>The car is at the end of its route: the passenger gets in, or has arrived, which frees the driver.</summary>
    /// <inheritdoc cref="MoveAsync"/>
    public Task<RideSnapshot> ReachAsync(RideSnapshot ride, CancellationToken cancellationToken) => ride.State == RideState.Coming
        ? ChangeAsync(ride, ride with { State = RideState.Riding, Driven = 0 }, "UPDATE drivers SET crossing = @crossing WHERE ride = @id",
            ride.Pickup, cancellationToken)
        : ChangeAsync(ride, ride with { State = RideState.Arrived, Driven = ride.Route!.Seconds },
            "UPDATE drivers SET crossing = @crossing, ride = NULL WHERE ride = @id", ride.Destination, cancellationToken);

    /// <summary>Calls a ride off, unless it has arrived.</summary>
    public async Task CallOffAsync(Guid id, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        await connection
            .ExecuteAsync(
            "UPDATE rides SET state = @off, reason = @reason, version = version + 1 WHERE id = @id AND state NOT IN (@off, @arrived)",
            new { id = id.ToString(), reason, off = (int)RideState.Off, arrived = (int)RideState.Arrived }, transaction);

        // A claim that was committed in the moment of the cancel belongs to a step that did not succeed: its undo does not run.
        await connection.ExecuteAsync("UPDATE drivers SET ride = NULL WHERE ride = @id", new { id = id.ToString() }, transaction);
        await transaction.CommitAsync(cancellationToken);
        signals.Raise(id);
    }

    // A worker that was frozen for longer than its lease wakes up while another drives its car. It finds the ride elsewhere and stops.
    private async Task<RideSnapshot> ChangeAsync(RideSnapshot before, RideSnapshot after, string updateDriver, int crossing,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var transaction = connection.BeginTransaction(deferred: false);
        var changed = await connection.ExecuteAsync("""
            UPDATE rides SET state = @state, driven = @Driven, version = version + 1 WHERE id = @id AND version = @before
            """, new { id = before.Id.ToString(), state = (int)after.State, after.Driven, before = before.Version }, transaction);
        if (changed == 0)
        {
            throw new InvalidOperationException(
                $"Ride {before.Id} is not where this attempt left it: another one drives the car, or the ride is off.");
        }

        await connection.ExecuteAsync(updateDriver, new { id = before.Id.ToString(), crossing }, transaction);
        await transaction.CommitAsync(cancellationToken);
        signals.Raise(before.Id);
        return after with { Version = before.Version + 1 };
    }

    /// <summary>A row as SQLite has it.</summary>
    private sealed record Row(long Pickup, long Destination, long State, long Version, double Driven, string? Assignment, string? Reason);
}
