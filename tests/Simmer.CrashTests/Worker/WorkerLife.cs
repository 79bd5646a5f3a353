namespace Simmer.CrashTests.Worker;

/// <summary>One life of a worker process, as the test starts it.</summary>
/// <param name="Folder">Where its files are.</param>
/// <param name="Life">The number of this life, which its effects bear.</param>
/// <param name="Callers">How many callers enqueue in this very process, whose jobs are dispatched without a claim.</param>
/// <param name="Concurrency">How many jobs run at once.</param>
public sealed record WorkerLife(string Folder, int Life, int Callers, int Concurrency)
{
    /// <summary>Short, so that a rescue comes within the test.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    public static string Jobs(string folder) => $"Data Source={Path.Combine(folder, "jobs.db")}";

    public static string Effects(string folder) => $"Data Source={Path.Combine(folder, "effects.db")}";

    public static WorkerLife Parse(string[] args) => new(
        args[0],
        int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture),
        int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture),
        int.Parse(args[3], System.Globalization.CultureInfo.InvariantCulture));

    public IEnumerable<string> ToArguments() => [Folder, $"{Life}", $"{Callers}", $"{Concurrency}"];
}
