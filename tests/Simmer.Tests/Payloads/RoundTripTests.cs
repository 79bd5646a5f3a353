using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Payloads;

/// <summary>Types are composed at random. Those that the start accepts come back as they were given, as a job and as a result; the others
/// are refused.</summary>
public abstract class RoundTripTests<TDatabase> : DurableTest<TDatabase>
    where TDatabase : IJobDatabase, new()
{
    private const int Types = 40;

    private static readonly int s_seed = int
        .TryParse(Environment.GetEnvironmentVariable("SIMMER_SEED"), CultureInfo.InvariantCulture, out var seed)
        ? seed
        : Random.Shared.Next();
    private static readonly MethodInfo s_register = Method(nameof(Register));
    private static readonly MethodInfo s_enqueue = Method(nameof(EnqueueAsync));

    private readonly ConcurrentDictionary<JobId, object?> _handled = [];

    [Fact]
    public async Task What_start_accepts_comes_back_as_it_was_given()
    {
        var shapes = new RandomShapes(new Random(s_seed));
        var types = Enumerable.Range(0, Types).Select(i => shapes.Type(i % 5)).Distinct().ToList();
        await using var host = await StartInDevelopmentAsync(s => types.ForEach(t => s_register.MakeGenericMethod(t).Invoke(this, [s])));

        foreach (var type in types)
        {
            var given = shapes.Value(type);

            var (id, gave) = await (Task<(JobId, object?)>)s_enqueue.MakeGenericMethod(type).Invoke(this, [host, given])!;

            RandomShapes.Same(given, _handled[id]).ShouldBeTrue($"SIMMER_SEED={s_seed}: a {type} came to the handler");
            RandomShapes.Same(given, gave).ShouldBeTrue($"SIMMER_SEED={s_seed}: a {type} came back as a result");
        }
    }

    [Fact]
    public async Task What_cannot_is_refused_however_deep_it_stands()
    {
        var shapes = new RandomShapes(new Random(s_seed));
        var types = Enumerable.Range(0, Types).Select(i => shapes.Type(i % 5, isLossy: true)).Distinct().ToList();

        var refused = await Should
            .ThrowAsync<SimmerSetupException>(() =>
            StartInDevelopmentAsync(s => types.ForEach(t => s_register.MakeGenericMethod(t).Invoke(this, [s]))));

        foreach (var type in types)
        {
            refused.Problems.ShouldContain(p => p.StartsWith($"Job '{KindOf(type)}' ", StringComparison.Ordinal) && p
                .Contains("Forgets", StringComparison.Ordinal), $"SIMMER_SEED={s_seed}: {type}");
        }
    }

    private protected Task<EngineHost> StartInDevelopmentAsync(Action<SimmerBuilder> configure) =>
        EngineHost.StartAsync(s => configure(Database.Use(s)), Development);

    private protected static void Development(HostApplicationBuilder builder) =>
        builder.Environment.EnvironmentName = Environments.Development;

    private void Register<T>(SimmerBuilder simmer) => simmer.AddJob((Holds<T> job, JobContext context, CancellationToken _) =>
    {
        _handled[context.Id] = job.Value;
        return Task.FromResult(new Held<T>(job.Value));
    }, static o => (o.Kind, o.MaxAttempts) = (KindOf(typeof(T)), 1));

    private static async Task<(JobId, object?)> EnqueueAsync<T>(EngineHost host, T value)
    {
        var handle = await host.Jobs.EnqueueAsync(new Holds<T>(value), cancellationToken: Cancelled);
        return (handle.Id, (await handle.WaitAsync(Cancelled)).Value);
    }

    private static string KindOf(Type type) =>
        $"holds-{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(type.ToString())))}";

    private static MethodInfo Method(string name) =>
        typeof(RoundTripTests<TDatabase>).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)!;
}

public sealed class RoundTripOnSqlite : RoundTripTests<SqliteJobs>;

public sealed class RoundTripOnPostgres : RoundTripTests<PostgresJobs>;

public sealed class RoundTripInMemory : RoundTripTests<MemoryJobs>;
