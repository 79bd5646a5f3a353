using System.Diagnostics;

namespace Simmer.Load.Measuring;

/// <summary>What a stretch of work cost this process: time, bytes allocated by all threads, CPU of all threads.</summary>
internal readonly struct Cost
{
    private readonly long _at;
    private readonly long _bytes;
    private readonly TimeSpan _cpu;

    private Cost(long at, long bytes, TimeSpan cpu) => (_at, _bytes, _cpu) = (at, bytes, cpu);

    public static Cost Begin()
    {
        GC.Collect();
        return new(Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);
    }

    public Measurement End(Measurement measurement, long jobs) => measurement with
    {
        JobsPerSecond = jobs / Stopwatch.GetElapsedTime(_at).TotalSeconds,
        CpuSecondsPerThousand = (Environment.CpuUsage.TotalTime - _cpu).TotalSeconds * 1000 / jobs,
        BytesPerJob = (double)(GC.GetTotalAllocatedBytes(precise: true) - _bytes) / jobs,
    };
}
