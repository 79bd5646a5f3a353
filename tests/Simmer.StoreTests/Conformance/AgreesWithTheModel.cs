using FsCheck;
using FsCheck.Fluent;
using Simmer.Storage.InMemory;
using Simmer.StoreTests.Sequences;

namespace Simmer.StoreTests.Conformance;

/// <summary>Whatever a small fleet does, the store answers and holds what the in-memory store does.</summary>
public abstract class AgreesWithTheModel<TFactory>
    where TFactory : IStoreFactory, new()
{
    /// <summary>How many sequences are tried, unless <c>SIMMER_SEQUENCES</c> asks for more.</summary>
    protected virtual int UsualSequences => 300;

    private int Sequences => int.TryParse(Environment.GetEnvironmentVariable("SIMMER_SEQUENCES"), out var count) ? count : UsualSequences;

    [Fact]
    public void Any_sequence_of_operations_gives_the_same_answers_and_the_same_jobs() =>
        Prop.ForAll(Sequence.Any, Try).Check(Config.QuickThrowOnFailure.WithMaxTest(Sequences));

    /// <summary>Runs the sequence on the thread pool: the property is synchronous, and in xunit's context it would wait for
    /// itself.</summary>
    private static void Try(Sequence sequence) => Task.Run(async () =>
    {
        await using var factory = new TFactory();
        await using var model = new InMemoryJobStore();
        await using var subject = await factory.CreateAsync();
        await new Twins(model, subject).RunAsync(sequence);
    }).GetAwaiter().GetResult();
}
