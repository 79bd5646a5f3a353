using System.Globalization;

namespace Simmer.SimulationTests.Running;

/// <summary>What happened, in order, and a hash over it and over every choice of the scheduler: two runs with one hash took the same
/// course.</summary>
internal sealed class Trace(Func<long> now)
{
    private readonly List<string> _lines = [];

    public ulong Hash { get; private set; } = 14695981039346656037;

    public IReadOnlyList<string> Lines => _lines;

    public void Add(string line)
    {
        Mix(now());
        foreach (var letter in line)
        {
            Mix(letter);
        }

        Note(line);
    }

    /// <summary>Adds a line for people. It is no part of the hash, so a run may be described in more words than another.</summary>
    public void Note(string line) =>
        _lines.Add($"{(now() / (double)TimeSpan.TicksPerSecond).ToString("0.000000", CultureInfo.InvariantCulture),12}  {line}");

    public void Mix(long value) => Hash = (Hash ^ (ulong)value) * 1099511628211;
}
