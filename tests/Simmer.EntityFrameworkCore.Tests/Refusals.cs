using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Simmer.EntityFrameworkCore.Tests.Support;

namespace Simmer.EntityFrameworkCore.Tests;

public abstract class Refusals<TDatabase> : ShopTest<TDatabase>
    where TDatabase : IShopDatabase, new()
{
    [Fact]
    public async Task What_cannot_be_stored_is_refused_when_it_is_added()
    {
        await using var shop = await OpenAsync(simmer: static s => s
            .Configure(static o => o.MaxPayloadBytes = 1_024)
            .AddQueue("fast", static q => q.Durability = Durability.InMemory));
        await using var db = shop.NewContext();
        var jobs = db.Jobs();

        Should.Throw<InvalidOperationException>(() => jobs.Add(new Unheard())).Message.ShouldContain("AddJob<Unheard");
        Should.Throw<ArgumentException>(() => jobs.Add(new Pack(new string('x', 2_000)))).Message.ShouldContain("at most 1,024");
        Should.Throw<InvalidOperationException>(() => jobs.Add(new Pack("A1"), new EnqueueOptions { Queue = "fats" })).Message
            .ShouldContain("did you mean 'fast'?");
        Should.Throw<InvalidOperationException>(() => jobs.Add(new Pack("A1"), new EnqueueOptions { Queue = "fast" })).Message
            .ShouldContain("'fast' is in memory and cannot be part of a transaction");
        Should.Throw<InvalidOperationException>(() => jobs
            .Add(Chain.Of(new Pack("A1"), options: new EnqueueOptions { Queue = "fast" }))).Message
            .ShouldContain("'fast' is in memory and cannot be part of a transaction");
        Should.Throw<ArgumentException>(() => jobs
            .Add(Chain.Of(new Pack("A1"), options: new EnqueueOptions { Queue = "fast" }).Then(new Thank("A1")))).Message
            .ShouldContain("one store");
        Should.Throw<ArgumentNullException>(() => jobs.Add((IJob)null!));

        jobs.Count.ShouldBe(0);
    }

    [Fact]
    public async Task An_id_is_added_once_until_it_is_saved()
    {
        await using var shop = await OpenAsync();
        await using var db = shop.NewContext();
        var (job, workflow) = (new EnqueueOptions { Id = new JobId(Guid.CreateVersion7()) },
            new WorkflowOptions { Id = WorkflowId.For("order A1") });
        db.Jobs().Add(new Pack("A1"), job);
        db.Jobs().Add(Chain.Of(new Pack("A1")), workflow);

        Should.Throw<ArgumentException>(() => db.Jobs().Add(new Pack("A2"), job)).Message.ShouldContain("not saved yet");
        Should.Throw<ArgumentException>(() => db.Jobs().Add(Chain.Of(new Pack("A2")), workflow)).Message.ShouldContain("not saved yet");

        db.Jobs().Count.ShouldBe(2);
    }

    [Fact]
    public async Task Without_UseSimmer_a_context_says_how_to_be_set_up()
    {
        var options = new DbContextOptionsBuilder<ShopContext>();
        Database.Use(options);
        await using var db = new ShopContext(options.Options);

        Should.Throw<InvalidOperationException>(() => db.Jobs()).Message.ShouldContain("UseSimmer()");
    }

    [Fact]
    public async Task Without_Simmer_among_the_services_a_context_says_so()
    {
        await using var db = NewContext(new ServiceCollection().BuildServiceProvider());

        Should.Throw<InvalidOperationException>(() => db.Jobs().Add(new Pack("A1"))).Message.ShouldContain("services.AddSimmer()");
    }

    [Fact]
    public async Task Without_the_applications_services_a_context_says_how_it_gets_them()
    {
        var options = new DbContextOptionsBuilder<ShopContext>().UseSimmer();
        Database.Use(options);
        await using var db = new ShopContext(options.Options);

        Should.Throw<InvalidOperationException>(() => db.Jobs().Add(new Pack("A1"))).Message.ShouldContain("UseSimmer(services)");
    }

    [Fact]
    public async Task Where_Simmer_has_no_database_a_job_is_refused()
    {
        var services = new ServiceCollection();
        services.AddSimmerCore().AddJob<Pack>();
        await using var provider = services.BuildServiceProvider();
        await using var db = NewContext(provider);

        Should.Throw<InvalidOperationException>(() => db.Jobs().Add(new Pack("A1"))).Message.ShouldContain("no database is configured");
    }

    [Fact]
    public async Task A_database_without_transactions_takes_no_jobs_and_works_as_before()
    {
        await using var shop = await OpenAsync();
        var options = new DbContextOptionsBuilder<ShopContext>().UseInMemoryDatabase("shop").UseSimmer(shop.Services);
        await using var db = new ShopContext(options.Options);
        db.Add("A1");

        Should.Throw<InvalidOperationException>(() => db.Jobs().Add(new Pack("A1"))).Message.ShouldContain("InMemory");

        (await db.SaveChangesAsync(Token)).ShouldBe(1);
    }

    private ShopContext NewContext(IServiceProvider services)
    {
        var options = new DbContextOptionsBuilder<ShopContext>().UseSimmer(services);
        Database.Use(options);
        return new ShopContext(options.Options);
    }
}
