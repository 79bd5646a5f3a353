using Npgsql;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Baselines;

/// <summary>The rates of the same PostgreSQL server without Simmer.</summary>
internal static class OnServer
{
    // Shorter than this a server's rate says little.
    private static readonly TimeSpan s_least = TimeSpan.FromSeconds(0.25);

    public static async Task<Measurement> CompareAsync(Servers.Postgres server, Measurement measured, Steps steps, TimeSpan duration)
    {
        var (keep, shape) = (measured.Setting.Keep, measured.Shape);
        var time = duration < s_least ? s_least : duration;
        var rate = measured[Figure.JobsPerSecond];
        measured = measured.With(Figure.TimesPlain,
            rate / await OnDatabaseAsync(server, db => PlainServerTable.RateAsync(db, keep, shape, steps, time)));
        if (shape.Work != Work.Nothing)
        {
            return measured;
        }

        measured = measured.With(Figure.ShareOfCeiling,
            rate / await OnDatabaseAsync(server, db => CopyAndDelete.RateAsync(db, keep, shape, steps, time)));
        return steps == Steps.All
            ? measured.With(Figure.ShareOfBare, rate / await OnDatabaseAsync(server, db => BareDispatch.RateAsync(db, keep, shape, time)))
            : measured;
    }

    public static async Task ExecuteAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 0;
        _ = await command.ExecuteNonQueryAsync();
    }

    private static async Task<double> OnDatabaseAsync(Servers.Postgres server, Func<NpgsqlDataSource, Task<double>> measure)
    {
        var address = await server.CreateDatabaseAsync();
        try
        {
            await using var database = NpgsqlDataSource.Create(address);
            return await measure(database);
        }
        finally
        {
            await server.DropDatabaseAsync(address);
        }
    }
}
