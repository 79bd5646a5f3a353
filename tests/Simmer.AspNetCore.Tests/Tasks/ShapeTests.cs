using System.Reflection;
using System.Runtime.CompilerServices;

namespace Simmer.AspNetCore.Tests.Tasks;

/// <summary>Every shape of Add.</summary>
public sealed class ShapeTests
{
    private static readonly MethodInfo[] s_adds =
        [.. typeof(BackgroundTasks).GetMethods().Where(static m => m.Name == nameof(BackgroundTasks.Add))];

    [Fact]
    public void No_Action_shape_lacks_its_twins()
    {
        var shapes = s_adds.Select(static m =>
            (Returns: Returns(m), Shape: Shape(m), Priority: m.GetCustomAttribute<OverloadResolutionPriorityAttribute>()?.Priority ?? 0))
                .ToList();
        var actions = shapes.Where(static s => s.Returns == "void").ToList();
        actions.Count.ShouldBe(20);
        foreach (var (_, shape, priority) in actions)
        {
            priority.ShouldBe(-2);
            shapes.ShouldContain(("Task", shape, 0), shape);
            shapes.ShouldContain(("ValueTask", shape, -1), shape);
        }

        shapes.Count.ShouldBe(60);
    }

    [Fact]
    public async Task Every_shape_binds_as_it_reads_and_gets_its_services()
    {
        var seen = new List<string>();
        var done = new Gate();
        await using var app = await StartAsync();
        await using (var scope = app.Services.CreateAsyncScope())
        {
            var tasks = scope.ServiceProvider.GetRequiredService<BackgroundTasks>();
            tasks.Add(async () => { await Task.Yield(); seen.Add("async"); });
            tasks.Add(() => { seen.Add("sync"); });
            tasks.Add(() => Returned(seen, "task"));
            tasks.Add(() => Valued(seen, "valuetask"));
            tasks.Add(async (CancellationToken ct) => { await Task.Yield(); seen.Add($"async ct {ct.CanBeCanceled}"); });
            tasks.Add(ct => { seen.Add($"sync ct {ct.CanBeCanceled}"); });
            tasks.Add((A a) => Returned(seen, $"{a}"));
            tasks.Add((A a, B b) => Valued(seen, $"{a}{b}"));
            tasks.Add((A a, B b, C c) => { seen.Add($"{a}{b}{c}"); });
            tasks.Add(async (A a, B b, C c, D d) => { await Task.Yield(); seen.Add($"{a}{b}{c}{d}"); });
            tasks.Add(async (A a, B b, C c, D d, CancellationToken ct) =>
                { await Task.Yield(); seen.Add($"{a}{b}{c}{d} {ct.CanBeCanceled}"); });
            tasks.Add((A a, CancellationToken ct) => { seen.Add($"{a} sync {ct.CanBeCanceled}"); });
            tasks.Add(7, n => Returned(seen, $"{n}"));
            tasks.Add("x", (x, ct) => Valued(seen, $"{x} {ct.CanBeCanceled}"));
            tasks.Add(8, async (int n, A a) => { await Task.Yield(); seen.Add($"{n}{a}"); });
            tasks.Add(9, (int n, A a, B b, C c, D d, CancellationToken ct) => { seen.Add($"{n}{a}{b}{c}{d} {ct.CanBeCanceled}"); });
            tasks.Add((string?)null, text => { seen.Add(text ?? "null"); });
            tasks.Add(done.Open);
        }

        await done.Soon();
        seen.ShouldBe([
            "async", "sync", "task", "valuetask", "async ct True", "sync ct True", "A", "AB", "ABC", "ABCD", "ABCD True", "A sync True",
            "7", "x True", "8A", "9ABCD True", "null",
        ]);
        app.Log.Lines.ShouldNotContain(static l => l.EventId == 1100);
    }

    [Fact]
    public async Task Each_task_has_a_scope_of_its_own_that_is_released_asynchronously()
    {
        var released = new List<Guid>();
        List<Guid> used = [];
        var done = new Gate();
        await using var app = await TestApp.StartAsync(
            app => app.MapGet("/", (BackgroundTasks tasks, AsyncOnly outer) =>
            {
                used.Add(outer.Id);
                tasks.Add((AsyncOnly a, AsyncOnly same) =>
                {
                    a.ShouldBeSameAs(same);
                    used.Add(a.Id);
                });
                tasks.Add(async (AsyncOnly b) =>
                {
                    released.ShouldContain(used[1]);
                    await Task.Yield();
                    used.Add(b.Id);
                });
                tasks.Add(done.Open);
            }),
            configure: builder => builder.Services.AddScoped(_ => new AsyncOnly(released)));
        using var client = await app.ConnectAsync();
        (await client.GetAsync("/")).Status.ShouldBe(200);
        await done.Soon();
        used.Distinct().Count().ShouldBe(3);
        released.ShouldContain(used[1]);
        released.ShouldContain(used[2]);
        app.Log.Lines.ShouldNotContain(static l => l.EventId == 1100 || l.EventId == 1103);
    }

    private static Task<TestApp> StartAsync() => TestApp.StartAsync(
        static _ => { }, configure: static b => b.Services.AddScoped<A>().AddScoped<B>().AddSingleton<C>().AddTransient<D>());

    private static Task Returned(List<string> seen, string what)
    {
        seen.Add(what);
        return Task.CompletedTask;
    }

    private static ValueTask Valued(List<string> seen, string what)
    {
        seen.Add(what);
        return ValueTask.CompletedTask;
    }

    private static string Returns(MethodInfo add)
    {
        var work = add.GetParameters()[^1].ParameterType;
        return work.Name.StartsWith("Func", StringComparison.Ordinal) ? work.GetGenericArguments()[^1].Name : "void";
    }

    // Describes an overload: what its delegate takes, and whether an argument comes before it.
    private static string Shape(MethodInfo add)
    {
        var work = add.GetParameters()[^1].ParameterType;
        var takes = work.GetGenericArguments().Select(static t => t.Name).ToList();
        return $"{(add.GetParameters().Length == 2 ? "argument: " : string.Empty)}"
            + $"{string.Join(", ", Returns(add) == "void" ? takes : takes.SkipLast(1))}";
    }

    internal class A
    {
        public override string ToString() => GetType().Name;
    }

    internal sealed class B : A;

    internal sealed class C : A;

    internal sealed class D : A;

    internal sealed class AsyncOnly(List<Guid> released) : IAsyncDisposable
    {
        public Guid Id { get; } = Guid.NewGuid();

        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            released.Add(Id);
        }
    }
}
