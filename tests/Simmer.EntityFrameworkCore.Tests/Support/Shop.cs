using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Simmer.Hosting;
using Simmer.Storage;

namespace Simmer.EntityFrameworkCore.Tests.Support;

/// <summary>An application with Simmer and a database with orders, for one test.</summary>
public sealed class Shop : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly IShopDatabase _database;

    private Shop(IHost host, IShopDatabase database) => (_host, _database) = (host, database);

    public IServiceProvider Services => _host.Services;

    public IJobClient Jobs => Services.GetRequiredService<IJobClient>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens a shop; its jobs are run only if it works.</summary>
    public static async Task<Shop> OpenAsync(IShopDatabase database, bool works = false, Action<SimmerBuilder>? simmer = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var jobs = builder.Services.AddSimmerCore().Configure(o => o.Worker.Enabled = works)
            .AddJob(static (Pack _, CancellationToken _) => Task.CompletedTask)
            .AddJob(static (Ship job, CancellationToken _) => Task.FromResult($"{job.Number} is on its way"))
            .AddJob(static (Thank _, CancellationToken _) => Task.CompletedTask);
        database.Use(jobs);
        simmer?.Invoke(jobs);
        services?.Invoke(builder.Services);
        var host = builder.Build();
        await host.StartAsync(Token);
        var shop = new Shop(host, database);
        await using var context = shop.NewContext();
        await context.GetService<IRelationalDatabaseCreator>().CreateTablesAsync(Token);
        return shop;
    }

    public ShopContext NewContext(Action<DbContextOptionsBuilder>? more = null,
        Func<ExecutionStrategyDependencies, IExecutionStrategy>? strategy = null)
    {
        var options = new DbContextOptionsBuilder<ShopContext>().UseSimmer(Services)
            .ConfigureWarnings(static w => w.Ignore(RelationalEventId.AmbientTransactionWarning));
        _database.Use(options, strategy);
        more?.Invoke(options);
        return new ShopContext(options.Options);
    }

    /// <summary>A context on another database than Simmer's.</summary>
    public async Task<ShopContext> NewContextElsewhereAsync()
    {
        var options = new DbContextOptionsBuilder<ShopContext>().UseSimmer(Services);
        _database.UseOther(options);
        var context = new ShopContext(options.Options);
        await context.Database.EnsureCreatedAsync(Token);
        return context;
    }

    public async Task<string[]> OrdersAsync()
    {
        await using var context = NewContext();
        return await context.Orders.Select(static o => o.Number).Order().ToArrayAsync(Token);
    }

    /// <summary>The kinds of all jobs that are stored, by name.</summary>
    public async Task<string[]> KindsAsync() => [.. (await ListAsync()).Select(static j => j.Kind).Order()];

    /// <summary>The ids of all jobs that are stored.</summary>
    public async Task<JobId[]> StoredAsync() => [.. (await ListAsync()).Select(static j => j.Id)];

    public async Task ExecuteAsync(string sql)
    {
        await using var context = NewContext();
        await context.Database.ExecuteSqlRawAsync(sql, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private async Task<IReadOnlyList<JobRecord>> ListAsync() =>
        await Services.GetRequiredService<SimmerNode>().Durable!.Store.Browser.ListAsync(new JobQuery(), Token);
}
