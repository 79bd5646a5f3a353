using FsCheck;
using FsCheck.Fluent;

namespace Simmer.StoreTests.Graphs;

/// <summary>Whatever the graph, however its steps end and whoever ends them in which order: the states are those that the rules
/// give.</summary>
public abstract class EndsByItsRules<TFactory>
    where TFactory : IStoreFactory, new()
{
    /// <summary>How many graphs are tried; <c>SIMMER_SEQUENCES</c> asks for more, for a night's run.</summary>
    private int Graphs => int.TryParse(Environment.GetEnvironmentVariable("SIMMER_SEQUENCES"), out var count) ? count : UsualGraphs;

    protected virtual int UsualGraphs => 300;

    [Fact]
    public void Any_graph_ends_as_its_rules_say() =>
        Prop.ForAll(RandomGraph.Any, Try).Check(Config.QuickThrowOnFailure.WithMaxTest(Graphs));

    /// <summary>On the thread pool: the property is synchronous, and xunit's context would wait for itself.</summary>
    private static void Try(RandomGraph graph) => Task.Run(async () =>
    {
        await using var factory = new TFactory();
        await using var store = await factory.CreateAsync();
        await new Course(store, graph).RunAsync();
    }).GetAwaiter().GetResult();
}
