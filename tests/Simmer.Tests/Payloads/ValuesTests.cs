using Microsoft.Extensions.Hosting;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Payloads;

/// <summary>Values that cannot be stored, though their type can: refused when they are enqueued, and in development in memory
/// too.</summary>
public sealed class ValuesTests : SqliteFolder
{
    private sealed record Base(Vehicle Vehicle) : IJob;

    private sealed record Lists(IReadOnlyList<Vehicle> Vehicles) : IJob;

    private sealed record Pets(Animal Pet, IReadOnlyList<Animal> More) : IJob;

    private sealed record Strict(string Name) : IJob;

    private sealed record Number(double Value) : IJob;

    [Fact]
    public async Task A_derived_value_where_a_base_type_is_declared()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Base>().AddJob<Lists>());

        var error = await Should
            .ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(new Base(new Car(4, "M-AB 1")), cancellationToken: Cancelled));

        error.Message.ShouldContain("Job 'base' cannot be stored as JSON: A Car stands where a Vehicle is declared");
        error.Message.ShouldContain("[JsonDerivedType(typeof(Car)");
        error.Message.ShouldContain("$.vehicle");
        _ = await Should.ThrowAsync<ArgumentException>(host.Jobs
            .EnqueueAsync(new Lists([new Vehicle(2), new Car(4, "M-AB 1")]), cancellationToken: Cancelled));
        _ = await host.Jobs.EnqueueAsync(new Base(new Vehicle(4)), cancellationToken: Cancelled);
    }

    [Fact]
    public async Task A_derived_type_that_is_declared_comes_back_as_itself()
    {
        var seen = new TaskCompletionSource<Pets>();
        await using var host = await StartAsync(s => s.AddJob((Pets job, CancellationToken _) =>
        {
            seen.TrySetResult(job);
            return Task.CompletedTask;
        }));

        _ = await host.Jobs.EnqueueAsync(new Pets(new Dog("Rex", 3), [new Cat("Tom", 9)]), cancellationToken: Cancelled);

        var pets = await seen.Task.WaitAsync(Cancelled);
        pets.Pet.ShouldBe(new Dog("Rex", 3));
        pets.More.ShouldBe([new Cat("Tom", 9)]);
    }

    [Fact]
    public async Task A_null_that_its_reader_would_not_take()
    {
        await using var host = await StartClientAsync(static s => s.AddJob<Strict>());

        (await Should.ThrowAsync<ArgumentException>(host.Jobs.EnqueueAsync(new Strict(null!), cancellationToken: Cancelled))).Message
            .ShouldContain("Job 'strict' cannot be stored as JSON");
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Production", false)]
    public async Task In_development_memory_finds_what_a_database_would(string environment, bool finds)
    {
        await using var host = await EngineHost.StartAsync(
            static s => s.AddJob(static (Number _, CancellationToken _) => Task.CompletedTask)
                .AddJob(static (Base _, CancellationToken _) => Task.CompletedTask),
            b => b.Environment.EnvironmentName = environment);

        foreach (IJob job in new IJob[] { new Number(double.NaN), new Base(new Car(4, "M-AB 1")) })
        {
            var enqueue = host.Jobs.EnqueueAsync(job, cancellationToken: Cancelled);
            if (finds)
            {
                _ = await Should.ThrowAsync<ArgumentException>(enqueue);
            }
            else
            {
                await (await enqueue).WaitAsync(Cancelled);
            }
        }
    }

    [Fact]
    public async Task In_development_the_handler_in_memory_gets_a_copy_as_from_a_database()
    {
        var seen = new TaskCompletionSource<Lists>();
        await using var host = await EngineHost.StartAsync(
            s => s.AddJob((Lists job, CancellationToken _) =>
            {
                seen.TrySetResult(job);
                return Task.CompletedTask;
            }),
            static b => b.Environment.EnvironmentName = Environments.Development);
        var vehicles = new List<Vehicle> { new(2) };
        var given = new Lists(vehicles);

        _ = await host.Jobs.EnqueueAsync(given, cancellationToken: Cancelled);
        vehicles.Clear();

        (await seen.Task.WaitAsync(Cancelled)).Vehicles.ShouldBe([new Vehicle(2)]);
    }
}
