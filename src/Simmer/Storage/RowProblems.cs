using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Simmer.Storage;

/// <summary>Reads a row whose columns may hold anything. A value that cannot be read is replaced, and the reason is kept. It is meant for
/// rows that are shown; code that acts on a row takes all of it or nothing.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class RowProblems
{
    private List<string>? _problems;

    /// <summary>What could not be read, for people; <see langword="null"/>: everything could.</summary>
    public string? Text => _problems is null ? null : $"its row cannot be read: {string.Join("; ", _problems)}";

    /// <summary>Reads a column.</summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="column">Its name.</param>
    /// <param name="read">Reads it.</param>
    /// <param name="otherwise">Stands in for what cannot be read.</param>
    /// <returns>What it holds.</returns>
    public T Read<T>(string column, Func<T> read, T otherwise)
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            return read();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Add(column, e.Message);
            return otherwise;
        }
    }

    /// <summary>A problem with a column.</summary>
    /// <param name="column">Its name.</param>
    /// <param name="what">What is wrong.</param>
    public void Add(string column, string what) => (_problems ??= []).Add($"{column}: {what}");

    /// <summary>A state, if there is one of this number.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The state.</returns>
    public static JobState State(long number) => number is >= (long)JobState.Waiting and <= (long)JobState.Skipped ? (JobState)number
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"there is no state {number}"));

    /// <summary>A count that a run or an attempt can have.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The count.</returns>
    public static int Count(long number) => number is >= 0 and <= int.MaxValue
        ? (int)number
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{number} is no count"));

    /// <summary>The progress of a job, if the number is one that can be shown.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The fraction.</returns>
    public static double? Fraction(double? number) => number is { } known && !double.IsFinite(known)
        ? throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{known} is no fraction"))
        : number;

    /// <summary>A time limit that a run can have.</summary>
    /// <param name="ticks">Its ticks.</param>
    /// <returns>The limit.</returns>
    public static TimeSpan? TimeLimit(long? ticks) => ticks is not { } known ? null

            : known > 0
            ? TimeSpan.FromTicks(known)
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"a time limit of {known} ticks"));
}
