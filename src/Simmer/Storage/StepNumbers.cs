using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Step numbers in a given order, kept as arithmetic runs: the members of a group are numbered evenly, so ten thousand of them
/// take a few bytes.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class StepNumbers : IReadOnlyCollection<int>
{
    /// <summary>No numbers.</summary>
    public static readonly StepNumbers None = new([], 0);

    private readonly Run[] _runs;

    private StepNumbers(Run[] runs, int count) => (_runs, Count) = (runs, count);

    /// <inheritdoc/>
    public int Count { get; }

    internal ReadOnlySpan<Run> Runs => _runs;

    /// <summary>Only the workflow's end.</summary>
    internal bool IsEnd => _runs is [{ First: 0, Count: 1 }];

    /// <summary>Keeps numbers in the order given.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <returns>The list.</returns>
    public static StepNumbers Of(params IEnumerable<int> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        var builder = new Builder();
        foreach (var number in numbers)
        {
            builder.Add(number);
        }

        return builder.ToNumbers();
    }

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator()
    {
        foreach (var run in _runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                yield return run.First + (i * run.Stride);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static StepNumbers OfRuns(Run[] runs) => runs.Length == 0 ? None : new(runs, runs.Sum(static r => r.Count));

    internal readonly record struct Run(int First, int Stride, int Count);

    /// <summary>Gathers numbers; evenly spaced neighbours become one run.</summary>
    internal sealed class Builder
    {
        private readonly List<Run> _runs = [];
        private int _count;

        public void Add(int number)
        {
            _count++;
            if (_runs.Count > 0)
            {
                var last = _runs[^1];
                if (last.Count == 1)
                {
                    _runs[^1] = new Run(last.First, number - last.First, 2);
                    return;
                }

                if (last.First + (last.Count * last.Stride) == number)
                {
                    _runs[^1] = last with { Count = last.Count + 1 };
                    return;
                }
            }

            _runs.Add(new Run(number, 0, 1));
        }

        public StepNumbers ToNumbers() => _count == 0 ? None : new([.. _runs], _count);
    }
}
