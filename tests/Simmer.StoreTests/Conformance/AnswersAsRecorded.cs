using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Simmer.Storage.InMemory;
using Simmer.StoreTests.Sequences;

namespace Simmer.StoreTests.Conformance;

/// <summary>The answers of the stores to seeded sequences of operations, and what they held after each, are checked in, so that a change of
/// structure cannot change them. If a change of behaviour is meant, run the tests of memory with <c>SIMMER_UPDATE_ANSWERS=1</c>.</summary>
public abstract class AnswersAsRecorded<TFactory>
    where TFactory : IStoreFactory, new()
{
    /// <summary>How many sequences are recorded. With the same number they are the same in every run.</summary>
    protected const int All = 300;

    private const ulong Seed = 20_261_128;
    private const ulong Gamma = 9_973;

    /// <summary>How many of the recorded sequences are tried, from the first one on.</summary>
    protected virtual int Tried => All;

    private static string File => Path.Combine(AppContext.BaseDirectory, "Sequences", "answers.txt");

    private static string Source =>
        typeof(AnswersAsRecorded<>).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Answers").Value!;

    [Fact]
    public async Task Seeded_sequences_are_answered_as_they_were_recorded()
    {
        var answered = new List<string>();
        foreach (var sequence in Sequences().Take(Tried))
        {
            answered.Add(await AnsweredAsync(sequence));
        }

        if (Tried == All && Environment.GetEnvironmentVariable("SIMMER_UPDATE_ANSWERS") is { Length: > 0 })
        {
            await System.IO.File.WriteAllLinesAsync(Source, answered, TestContext.Current.CancellationToken);
        }
        else
        {
            answered.ShouldBe((await System.IO.File.ReadAllLinesAsync(File, TestContext.Current.CancellationToken)).Take(Tried));
        }
    }

    private static IReadOnlyList<Sequence> Sequences()
    {
        var sequences = new List<Sequence>();
        Prop.ForAll(Sequence.Any, sequences.Add).Check(Config.QuickThrowOnFailure.WithMaxTest(All).WithReplay(Seed, Gamma));
        return sequences;
    }

    /// <summary>A line: how many steps it had, and a digest of all that was answered and held.</summary>
    private static async Task<string> AnsweredAsync(Sequence sequence)
    {
        var answers = new StringBuilder();
        await using var factory = new TFactory();
        await using var model = new InMemoryJobStore();
        await using var subject = await factory.CreateAsync();
        await new Twins(model, subject, answer => answers.Append(answer.ReplaceLineEndings("\n")).Append('\n')).RunAsync(sequence);
        return $"{sequence.Steps.Count} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(answers.ToString())))}";
    }
}
