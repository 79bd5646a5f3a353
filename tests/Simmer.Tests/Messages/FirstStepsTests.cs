using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Simmer.Servers;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Messages;

/// <summary>The messages that a newcomer gets for the first mistakes: what was wrong, what was got, and the way out.</summary>
public sealed class FirstStepsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("simmer").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Before_the_start_every_call_says_when_it_may_come(bool postgres)
    {
        var database = postgres
            ? await (await PostgresServer.Shared).CreateDatabaseAsync()
            : $"Data Source={Path.Combine(_folder, "app.db")};Pooling=False";
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var simmer = builder.Services.AddSimmerCore().AddJob<Note>();
        _ = postgres ? simmer.UsePostgres(database) : simmer.UseSqlite(database);
        using var host = builder.Build();
        var jobs = host.Services.GetRequiredService<IJobClient>();
        var id = new JobId(Guid.CreateVersion7());

        foreach (var early in new Func<Task>[]
        {
            () => jobs.EnqueueAsync(new Note(1), cancellationToken: Cancelled),
            () => jobs.EnqueueManyAsync([new Note(1), new Note(2)], cancellationToken: Cancelled),
            () => jobs.EnqueueAsync(Chain.Of(new Note(1)), cancellationToken: Cancelled),
            () => jobs.GetAsync(id, Cancelled),
            () => jobs.WaitAsync(id, Cancelled),
            () => jobs.CancelAsync(id, cancellationToken: Cancelled),
            () => jobs.RetryAsync(id, cancellationToken: Cancelled),
        })
        {
            var said = (await Should.ThrowAsync<StoreException>(early)).Message;
            said.ShouldStartWith("Simmer has not started yet");
            said.ShouldContain("await app.StartAsync()");
            said.ShouldNotContain("InitializeAsync");
        }
    }

    [Fact]
    public async Task A_struct_is_told_to_become_a_record()
    {
        await using var host = await EngineHost.StartAsync(static s => s.AddJob<Note>());

        var said = (await Should
            .ThrowAsync<InvalidOperationException>(host.Jobs.EnqueueAsync(new Coin(1), cancellationToken: Cancelled))).Message;

        said.ShouldContain("Job Coin is a struct, and a job is a class");
        said.ShouldNotContain("AddJob<");
    }

    [Fact]
    public async Task The_advice_for_a_generic_job_is_one_that_start_takes()
    {
        await using (var host = await EngineHost.StartAsync(static s => s.AddJob<Note>()))
        {
            (await Should.ThrowAsync<InvalidOperationException>(host.Jobs
                .EnqueueAsync(new Box<List<Note>>([]), cancellationToken: Cancelled)))
                .Message.ShouldContain("AddJob<Box<List<Note>>>(o => o.Kind = \"...\")");
        }

        (await EngineHost.RefusedAsync(static s => s.AddJob<Box<Note>>())).Message
            .ShouldContain("AddJob<Box<Note>, ...>(o => o.Kind = \"...\")");
        await using var taken = await EngineHost
            .StartAsync(static s => s.AddJob<Box<Note>>(static o => o.Kind = "box-note").AddJob<Box<int>>(static o => o.Kind = "box-int"));
        await taken.Jobs.EnqueueAsync(new Box<int>(1), cancellationToken: Cancelled);
    }

    [Theory]
    [InlineData("app.db", "Give \"Data Source=app.db\"")]
    [InlineData("/data/my shop.db", "Give \"Data Source=/data/my shop.db\"")]
    [InlineData("Databse=app.db;Password=secret", "is not one of Microsoft.Data.Sqlite")]
    public async Task A_connection_string_that_is_none_for_SQLite(string text, string wayOut)
    {
        var said = (await Should.ThrowAsync<ArgumentException>(() => EngineHost.StartAsync(s => s.UseSqlite(text)))).Message;
        said.ShouldContain(wayOut);
        said.ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("Host=localhost;Databse=shop;Password=secret", "'databse' is no key that Npgsql knows")]
    [InlineData("Host=localhost;Port=many;Password=secret", "'port' does not take the value")]
    [InlineData("just words", "does not consist of 'Key=Value' parts")]
    [InlineData("Database=shop;Password=secret", "names no Host")]
    public async Task A_connection_string_that_is_none_for_PostgreSQL(string text, string reason)
    {
        var said = (await Should.ThrowAsync<ArgumentException>(() => EngineHost.StartAsync(s => s.UsePostgres(text)))).Message;
        said.ShouldContain(reason, Case.Insensitive);
        said.ShouldContain("Write it like \"Host=localhost;Database=shop");
        said.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_slim_or_multiplexing_data_source_is_named()
    {
        var database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        await using var slim = new NpgsqlSlimDataSourceBuilder(database).Build();
        (await Should.ThrowAsync<StoreException>(() => EngineHost.StartAsync(s => s.UsePostgres(slim)))).Message
            .ShouldContain("NpgsqlDataSourceBuilder");

        await using var multiplexing = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Multiplexing = true });
        (await Should.ThrowAsync<ArgumentException>(() => EngineHost.StartAsync(s => s.UsePostgres(multiplexing)))).Message
            .ShouldContain("Multiplexing", Case.Insensitive);
    }

    [Fact]
    public async Task A_login_that_is_refused_names_what_to_check()
    {
        var nobody = new NpgsqlConnectionStringBuilder(await (await PostgresServer.Shared).CreateDatabaseAsync()) { Database = "nowhere" };
        (await Should.ThrowAsync<StoreException>(() => EngineHost.StartAsync(s => s.UsePostgres(nobody.ConnectionString)))).Message
            .ShouldContain("refused the login. Check Username, Password and Database");
    }

    [Fact]
    public async Task A_failed_attempt_says_when_the_next_one_comes()
    {
        await using var host = await EngineHost
            .StartAsync(static s => s
            .AddJob((Note _, CancellationToken _) => Task.FromException(new InvalidOperationException("no ink."))));
        await host.Jobs.EnqueueAsync(new Note(1), cancellationToken: Cancelled);
        await Until.True(() => host.Log.Lines.Any(static l => l.EventId == 1012), "it is told");

        host.Log.Lines.First(static l => l.EventId == 1012).Text
            .ShouldMatch(@"no ink\. It is tried again in [\d.]+ s, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$");
    }

    private sealed record Note(int Number) : IJob;

    private sealed record Box<T>(T Content) : IJob;

    private readonly record struct Coin(int Cents) : IJob;
}
