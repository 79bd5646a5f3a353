using FsCheck;
using FsCheck.Fluent;

namespace Simmer.StoreTests.Graphs;

/// <summary>Whatever the graph is, however its steps end, and whichever worker ends them in which order: the states are those that the
/// rules demand.</summary>
public abstract class EndsByItsRules<TFactory>
    where TFactory : IStoreFactory, new()
{
    /// <summary>How many graphs are tried, unless <c>SIMMER_SEQUENCES</c> asks for more.</summary>
    private int Graphs => int.TryParse(Environment.GetEnvironmentVariable("SIMMER_SEQUENCES"), out var count) ? count : UsualGraphs;

    protected virtual int UsualGraphs => 300;

    [Fact]
    public void Any_graph_ends_as_its_rules_say() =>
        Prop.ForAll(RandomGraph.Any, Try).Check(Config.QuickThrowOnFailure.WithMaxTest(Graphs));

    /// <summary>Runs the graph on the thread pool: the property is synchronous, and in xunit's context it would wait for itself.</summary>
    private static void Try(RandomGraph graph) => Task.Run(async () =>
    {
        await using var factory = new TFactory();
        await using var store = await factory.CreateAsync();
        await new Course(store, graph).RunAsync();
    }).GetAwaiter().GetResult();
}
