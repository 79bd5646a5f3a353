using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Simmer.Postgres;
using Simmer.Sqlite;
using Simmer.Tests.Durable;
using Simmer.Tests.Engine;

namespace Simmer.Tests.Hosting;

/// <summary>Every option of every class is set to its extremes. It is refused at start, with its name and the way out, or it
/// works.</summary>
public sealed class OptionRangesTests : SqliteFolder
{
    private static readonly Dictionary<Type, object?[]> s_extremes = new()
    {
        [typeof(TimeSpan)] = [TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.Zero, Timeout.InfiniteTimeSpan, TimeSpan.FromTicks(-1),
            TimeSpan.FromTicks(1), TimeSpan.FromDays(90), TimeSpan.FromMilliseconds(uint.MaxValue)],
        [typeof(int)] = [int.MinValue, int.MaxValue, -1, 0, 1],
        [typeof(double)] = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, -1d, 0d],
        [typeof(string)] = ["", new string('x', 100_000)],
        [typeof(IList<string>)] = [null, new List<string> { null! }, new List<string> { "" }, new List<string> { new('x', 100_000) }],
    };

    public static TheoryData<string, string> Options()
    {
        var data = new TheoryData<string, string>();
        foreach (var type in new[] { typeof(SimmerOptions), typeof(QueueOptions), typeof(WorkerOptions), typeof(JobOptions),
            typeof(RetryPolicy), typeof(SqliteStoreOptions), typeof(PostgresStoreOptions) })
        {
            foreach (var property in type.GetProperties().Where(static p => p.SetMethod is not null && ExtremesOf(p) is not null))
            {
                data.Add(type.Name, property.Name);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task An_extreme_is_refused_at_start_with_the_options_name_or_it_works(string type, string name)
    {
        var property = typeof(SimmerOptions).Assembly.GetTypes().Concat(typeof(SqliteStoreOptions).Assembly.GetTypes())
            .Concat(typeof(PostgresStoreOptions).Assembly.GetTypes())
            .Single(t => t.IsPublic && t.Name == type).GetProperty(name)!;
        foreach (var extreme in ExtremesOf(property)!)
        {
            try
            {
                await using var host = await EngineHost.StartAsync(s => Set(s, property, extreme));
                var job = await host.Jobs.EnqueueAsync(new Greet("Ada"), cancellationToken: TestContext.Current.CancellationToken);
                if (property.Name != nameof(WorkerOptions.Queues))
                {
                    (await host.Jobs.WaitAsync(job.Id, TestContext.Current.CancellationToken)
                        .WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))?.State
                        .ShouldBe(JobState.Succeeded, $"{name} = {extreme}");
                }
            }
            catch (Exception e) when (e is SimmerSetupException or FormatException)
            {
                e.Message.ShouldContain(e.Message.Contains("time limit", StringComparison.Ordinal)
                    ? "time limit"
                    : e.Message.Contains("priority", StringComparison.Ordinal)
                    ? "priority"

                        : e.Message.Contains("factor", StringComparison.Ordinal)
                        ? "factor"
                        : e.Message.Contains("schema", StringComparison.OrdinalIgnoreCase)
                        ? "chema"
                    : e.Message.Contains("kind", StringComparison.OrdinalIgnoreCase) ? "ind" : e.Message
                        .Contains("queue", StringComparison.OrdinalIgnoreCase) ? "ueue" : name, Case.Sensitive, $"{name} = {extreme}");
            }
            catch (ArgumentException) when (property.Name is nameof(SimmerOptions.MaxPayloadBytes))
            {
                // In range, and too small for this job.
            }
        }
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        var error = await EngineHost.RefusedAsync(s => s
            .UseSqlite(ConnectionString, static o => (o.LockTimeout, o.Synchronous) = (TimeSpan.MaxValue, (SqliteSynchronous)9))
            .Configure(static o =>
            {
                (o.Lease, o.MaxClockSkew, o.DefaultTimeLimit, o.PollInterval) =
                    (TimeSpan.FromDays(90), TimeSpan.MaxValue, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                o.Worker.Name = "";
            })
            .AddQueue("mail", static q => (q.KeepFailed, q.Concurrency) = (Timeout.InfiniteTimeSpan, int.MaxValue))
            .AddJob((Greet _, CancellationToken _) => Task.CompletedTask,
                static o => (o.TimeLimit, o.Priority) = (TimeSpan.FromTicks(-5), int.MinValue)));

        foreach (var part in new[] { "LockTimeout", "Synchronous", "Lease is 90.00:00:00; it takes at most 1.00:00:00.", "MaxClockSkew",
            "DefaultTimeLimit", "PollInterval", "Worker.Name", "KeepFailed", "TimeSpan.MaxValue", "Concurrency", "time limit", "priority" })
        {
            error.Message.ShouldContain(part);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_infinite_time_limit_is_no_limit(bool durable)
    {
        await using var host = await EngineHost.StartAsync(s =>
        {
            s.Configure(static o => o.DefaultTimeLimit = Timeout.InfiniteTimeSpan);
            if (durable)
            {
                s.UseSqlite(ConnectionString);
            }

            s.AddJob(async (Greet _, CancellationToken token) => await Task.Delay(50, token),
                static o => o.TimeLimit = Timeout.InfiniteTimeSpan)
                .AddJob(async (TakePayment _, CancellationToken token) =>
                {
                    await Task.Delay(50, token);
                    return new Receipt("1");
                });
        });

        foreach (var options in new EnqueueOptions?[] { null, new() { TimeLimit = Timeout.InfiniteTimeSpan },
            new() { TimeLimit = TimeSpan.MaxValue, ExpiresIn = TimeSpan.MaxValue } })
        {
            await (await host.Jobs.EnqueueAsync(new Greet("Ada"), options, TestContext.Current.CancellationToken))
                .WaitAsync(TestContext.Current.CancellationToken);
            await (await host.Jobs.EnqueueAsync(new TakePayment(1), options, TestContext.Current.CancellationToken))
                .WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task What_an_enqueue_is_given_is_checked_at_the_call()
    {
        await using var host = await EngineHost
            .StartAsync(s => s.UseSqlite(ConnectionString).AddJob((Greet _, CancellationToken _) => Task.CompletedTask));
        foreach (var options in new EnqueueOptions[]
        {
            new() { Delay = Timeout.InfiniteTimeSpan }, new() { Delay = TimeSpan.MinValue }, new() { ExpiresIn = TimeSpan.Zero },
                new() { ExpiresIn = Timeout.InfiniteTimeSpan }, new() { TimeLimit = TimeSpan.Zero },
            new() { TimeLimit = TimeSpan.MinValue }, new() { Priority = int.MinValue }, new() { Priority = 1_001 },
                new() { MaxAttempts = 0 }, new() { MaxAttempts = int.MinValue }, new() { UniqueKey = "k", UniqueWhile = (UniqueWhile)7 },
        })
        {
            await Should.ThrowAsync<ArgumentOutOfRangeException>(host.Jobs
                .EnqueueAsync(new Greet("Ada"), options, TestContext.Current.CancellationToken), options.ToString());
        }

        foreach (var options in new EnqueueOptions[]
        {
            new() { Delay = TimeSpan.MaxValue, ExpiresIn = TimeSpan.MaxValue, MaxAttempts = int.MaxValue, TimeLimit = TimeSpan.MaxValue },
                new() { DueAt = DateTimeOffset.MaxValue }, new() { DueAt = DateTimeOffset.MinValue },
            new() { ExpiresIn = TimeSpan.FromTicks(1), Delay = TimeSpan.FromTicks(1) },
        })
        {
            (await host.Jobs.EnqueueAsync(new Greet("Ada"), options, TestContext.Current.CancellationToken)).ShouldNotBeNull();
        }
    }

    private void Set(SimmerBuilder simmer, PropertyInfo property, object? value)
    {
        if (property.DeclaringType == typeof(PostgresStoreOptions))
        {
            simmer.UsePostgres("Host=127.0.0.1;Port=1;Timeout=1", o => Assign(property, o, value))
                .AddJob((Greet _, CancellationToken _) => Task.CompletedTask);
            return;
        }

        simmer.UseSqlite(ConnectionString, o =>
        {
            if (property.DeclaringType == typeof(SqliteStoreOptions))
            {
                property.SetValue(o, value);
            }
        });
        simmer.Configure(o =>
        {
            object? target = property.DeclaringType == typeof(SimmerOptions)
                ? o
                : property.DeclaringType == typeof(WorkerOptions)
                ? o.Worker
                : null;
            if (target is not null)
            {
                property.SetValue(target, value);
            }
        });
        simmer.AddQueue("default", q =>
        {
            if (property.DeclaringType == typeof(QueueOptions))
            {
                property.SetValue(q, value);
            }
        });
        simmer.AddJob((Greet _, CancellationToken _) => Task.CompletedTask, o =>
        {
            if (property.DeclaringType == typeof(JobOptions))
            {
                property.SetValue(o, value);
            }
            else if (property.DeclaringType == typeof(RetryPolicy))
            {
                var policy = new RetryPolicy();
                property.SetValue(policy, value);
                _ = policy.DelayAfter(int.MaxValue, 0.999);
                o.Retry = policy;
            }
        });
    }

    // Values within the range could be tried only on a server, so only the start is checked here.
    private static void Assign(PropertyInfo property, PostgresStoreOptions options, object? value)
    {
        property.SetValue(options, value);
        if (value is TimeSpan time && time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromDays(1))
        {
            throw new FormatException($"{property.Name} is in range.");
        }
    }

    private static object?[]? ExtremesOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type.IsEnum ? [Enum.ToObject(type, 99), Enum.ToObject(type, -1)] : s_extremes.GetValueOrDefault(type);
    }
}
