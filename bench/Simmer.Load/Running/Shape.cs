using System.Text.Json.Serialization;

namespace Simmer.Load.Running;

/// <summary>The load of one line.</summary>
/// <param name="Callers">How many enqueue at once.</param>
/// <param name="Processes">1: callers and worker in one process; 2: each in a process of its own, on one file or database; 0: callers only,
/// without a worker.</param>
/// <param name="PayloadBytes">About how many bytes of JSON a job has.</param>
/// <param name="Work">What its handler does.</param>
/// <param name="PerCall">How many jobs a call enqueues.</param>
internal sealed record Shape(int Callers, int Processes = 1, int PayloadBytes = 200, Work Work = Work.Nothing, int PerCall = 1)
{
    /// <summary>How many jobs a call enqueues that has many.</summary>
    public const int Many = 1_000;

    private const int Frame = 30;

    /// <summary>A job's text. One for all jobs: making it is not what is measured.</summary>
    [JsonIgnore]
    public string Filler { get; } = new('x', PayloadBytes - Frame);

    /// <summary>A job of this shape.</summary>
    /// <param name="at">When it was asked for, if its start is to be timed.</param>
    public Tick Tick(long at = 0) => new(at, Work, Filler);
}
