using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Simmer.CrashTests;
using Simmer.CrashTests.Worker;
using Simmer.FleetTests.Worker;
using Simmer.Servers;

namespace Simmer.FleetTests.Chaos;

/// <summary>A PostgreSQL server, this process that enqueues into a database of it, and the worker processes that share it. What handlers
/// did is written to a file beside, which no trouble of the database reaches.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly AckFile _acks;
    private readonly AckFile _flows;
    private readonly List<WorkerProcess> _workers = [];
    private readonly Lock _gate = new();
    private IHost? _host;
    private bool _passed;

    private Fleet(PostgresServer server, string database)
    {
        (Server, Database) = (server, database);
        Folder = Directory.CreateTempSubdirectory("simmer-fleet").FullName;
        new Effects(new WorkerLife(Folder, 0), new Claims()).Dispose();
        _acks = new AckFile(Folder, "test");
        _flows = new AckFile(Folder, "test", AckFile.Flows);
    }

    public PostgresServer Server { get; }

    /// <summary>The connection string by which this process comes to the database.</summary>
    public string Database { get; }

    public string Folder { get; }

    public IReadOnlyList<WorkerProcess> Workers
    {
        get
        {
            lock (_gate)
            {
                return [.. _workers];
            }
        }
    }

    /// <summary>The present process as one that enqueues.</summary>
    public IJobClient Client => _host!.Services.GetRequiredService<IJobClient>();

    /// <summary>The present process as an operator.</summary>
    public IJobOperator Operator => _host!.Services.GetRequiredService<IJobOperator>();

    /// <summary>Starts a server, and this process on it, which lays the tables out.</summary>
    /// <param name="diskFolder">The folder of the database's files; null: that of the server.</param>
    public static async Task<Fleet> StartAsync(string? diskFolder = null)
    {
        var server = await PostgresServer.StartNewAsync(PostgresServer.NotDurable);
        try
        {
            var database = await server.CreateDatabaseAsync();
            if (diskFolder is not null)
            {
                await server.CreateTablespaceAsync("disk", diskFolder);
                await server.ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(database).Database} SET TABLESPACE disk");
            }

            var fleet = new Fleet(server, database);
            await fleet.JoinAsync();
            _ = await fleet.RowsAsync("CREATE TABLE charge(job uuid NOT NULL, run int NOT NULL, life int NOT NULL)");
            return fleet;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a worker process.</summary>
    /// <param name="with">Changes the settings of an ordinary life.</param>
    /// <param name="shape">Changes its settings in the fleet.</param>
    /// <param name="options">Simmer's options, as configuration keys such as <c>Lease</c>.</param>
    public WorkerProcess Spawn(Func<WorkerLife, WorkerLife>? with = null, Func<FleetLife, FleetLife>? shape = null,
        params (string Key, string Value)[] options)
    {
        lock (_gate)
        {
            var life = new WorkerLife(Folder, _workers.Count + 1);
            var place = new FleetLife(Database);
            var environment = (shape?.Invoke(place) ?? place).ToEnvironment();
            foreach (var (key, value) in options)
            {
                environment[$"Simmer__{key}"] = value;
            }

            var worker = new WorkerProcess(with?.Invoke(life) ?? life, environment);
            _workers.Add(worker);
            return worker;
        }
    }

    /// <summary>Starts a worker process and waits until it works.</summary>
    public async Task<WorkerProcess> SpawnReadyAsync(Func<WorkerLife, WorkerLife>? with = null, Func<FleetLife, FleetLife>? shape = null,
        params (string Key, string Value)[] options)
    {
        var worker = Spawn(with, shape, options);
        await worker.ReadyAsync();
        return worker;
    }

    /// <summary>Starts several at once.</summary>
    public Task<WorkerProcess[]> SpawnReadyAsync(int count, Func<WorkerLife, WorkerLife>? with = null,
        Func<FleetLife, FleetLife>? shape = null) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => SpawnReadyAsync(with, shape)));

    /// <summary>Enqueues from this process and notes what was acknowledged.</summary>
    public async Task<List<JobId>> EnqueueAsync(int count, Func<IJob> job, EnqueueOptions? options = null)
    {
        var ids = (await Client.EnqueueManyAsync(Enumerable.Range(0, count).Select(_ => job()), options)).Select(static h => h.Id).ToList();
        _acks.Add(ids);
        return ids;
    }

    /// <summary>Enqueues a workflow from this process.</summary>
    public async Task EnqueueAsync(WorkflowElement flow) => _flows.Add(new JobId((await Client.EnqueueAsync(flow)).Id.Value));

    /// <summary>Enqueues some of each: plain and retried jobs, exactly-once ones, and workflows.</summary>
    public async Task EnqueueLoadAsync(int size, int seed = 1)
    {
        var random = new Random(seed);
        _ = await EnqueueAsync(size, () => new Count(random.Next(4) == 0 ? random.Next(20) : 0, random.Next(8) == 0 ? 1 : 0));
        _ = await EnqueueAsync(size / 4, () => new Charge(random.Next(5)));
        for (var i = 0; i < size / 40; i++)
        {
            await EnqueueAsync(i % 3 == 0 ? Flows.Order(random) : i % 3 == 1 ? Flows.Fan(random) : Flows.Decided(random));
        }
    }

    /// <summary>Waits until the handlers have done this many more jobs, which shows that work goes on.</summary>
    public Task WorksAsync(TimeSpan limit, int more = 200) => SaidAsync("what = 'done'", DidOf("what = 'done'") + more, limit);

    /// <summary>Stops the processes that enqueue first, because otherwise there would be no end. Another one finishes the jobs they
    /// leave.</summary>
    public async Task FinishAsync(TimeSpan limit, params WorkerProcess[] workers)
    {
        await Task.WhenAll(workers.Select(static w => w.StopAsync()));
        var last = await SpawnReadyAsync();
        await DrainedAsync(limit);
        await last.StopAsync();
    }

    /// <summary>Waits until no job is left to run and every killed worker has been declared dead.</summary>
    public Task DrainedAsync(TimeSpan limit) => UntilAsync(
        "jobs are stuck, or dead workers are not found", limit, async () => await NumberAsync("SELECT count(*) FROM simmer.job") == 0
            && await NumberAsync("SELECT count(*) FROM simmer.worker") <= Present());

    /// <summary>Waits until something is so in the store, or in what handlers did.</summary>
    public async Task UntilAsync(string otherwise, TimeSpan limit, Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(s_pause);
        var since = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(since) > limit)
            {
                Assert.Fail($"{otherwise}: {await UnfinishedAsync()} in "
                    + $"{Folder}\n{string.Join("\n\n", Workers.Where(static w => w.ExitCode is null).TakeLast(4))}\n{Server.LogTail()}");
            }

            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until handlers have said something this often.</summary>
    public Task SaidAsync(string which, long count, TimeSpan limit) =>
        UntilAsync($"no {count} of '{which}'", limit, () => Task.FromResult(DidOf(which) >= count));

    /// <summary>How often handlers did what a condition says, of the columns job, kind, run, life and what.</summary>
    public long DidOf(string which) => Did.Number(Folder, $"SELECT count(*) FROM effect WHERE {which}");

    public async Task<long> NumberAsync(string sql) =>
        long.Parse((await RowsAsync(sql))[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The rows of a query in the database, their columns joined by blanks.</summary>
    public async Task<List<string>> RowsAsync(string sql)
    {
        var rows = new List<string>();
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(' ', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return rows;
    }

    /// <summary>This process leaves the store; it has rescued, promoted and pruned like any other.</summary>
    public async Task LeaveAsync()
    {
        if (_host is { } host)
        {
            _host = null;
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }

    /// <summary>All leave, and what was promised is compared with what is stored and what was done.</summary>
    /// <param name="story">How to repeat it.</param>
    /// <param name="excused">Lives that were not killed and all the same left jobs without an end, such as frozen ones.</param>
    public Task EndAsync(string story, params int[] excused) => EndAsync(story, [], excused);

    /// <summary>The same where jobs ended as poison.</summary>
    /// <param name="story">How to repeat it.</param>
    /// <param name="poison">Which.</param>
    /// <param name="excused">Lives that were not killed and all the same left jobs without an end.</param>
    public async Task EndAsync(string story, IReadOnlyCollection<JobId> poison, params int[] excused)
    {
        await LeaveAsync();
        await new FleetAudit(this, excused, poison, $"{story} in {Folder}").AtTheEndAsync();
        _passed = true;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in Workers)
        {
            worker.Dispose();
        }

        if (!_passed)
        {
            await KeepEvidenceAsync();
        }

        await LeaveAsync();
        _acks.Dispose();
        _flows.Dispose();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await Server.DisposeAsync();
        if (_passed)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private async Task<string> UnfinishedAsync() => string.Join("; ", (await RowsAsync("""
        SELECT count(*) || ' in state ' || state || ' of owner ' || coalesce(owner::text,
            'none') || ', suspect ' || suspect || ', runs ' || max(run) FROM simmer.job GROUP BY state, owner, suspect
        UNION ALL SELECT 'worker ' || id || ' ' || name || ' beats ' || beats FROM simmer.worker
        UNION ALL SELECT 'upkeep lease ' || name || ' by ' || worker FROM simmer.upkeep_lease
        UNION ALL SELECT concat_ws(' ', 'session', application_name, state, wait_event, now() - state_change, left(query, 60))
            FROM pg_stat_activity WHERE datname = current_database()
        """)));

    private async Task KeepEvidenceAsync()
    {
        await File.WriteAllLinesAsync(Path.Combine(Folder, "workers.log"),
            Workers.SelectMany(static w => w.Lines("").Prepend($"--- {w.Life}, exit code {w.ExitCode}")));
        await File.WriteAllTextAsync(Path.Combine(Folder, "server.log"), Server.LogTail());
    }

    private int Present() => Workers.Count(static w => w.ExitCode is null) + (_host is null ? 0 : 1);

    private async Task JoinAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSimmerCore()
            .UsePostgres(Database)
            .AddQueue("bad")
            .AddQueue(Versions.Late)
            .AddQueue(Once.Unkept)
            .AddQueue(Once.Brief)
            .AddJob<Count>()
            .AddJob<Bad>()
            .AddJob<Charge>()
            .AddJob<Once>()
            .AddJob<Part>()
            .AddJob<Follow>()
            .AddJob<Join>()
            .AddJob<Doomed>()
            .AddJob<GreetByFullName>()
            .AddJob<MeetByFullName>()
            .AddUpcaster(static (Meet old) => new MeetByFullName(old.Who))
            .AddJob<Gift>()
            .Configure(static o => (o.Lease, o.Worker.Enabled) = (WorkerLife.Lease, false));
        _host = builder.Build();
        await _host.StartAsync();
    }
}
