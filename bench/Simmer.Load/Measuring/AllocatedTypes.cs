using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Simmer.Load.Measuring;

/// <summary>Which types take the memory: the runtime reports one allocation in about 100 KB.</summary>
internal sealed class AllocatedTypes : EventListener
{
    private const int GcKeyword = 1;

    private readonly ConcurrentDictionary<string, int> _samples = new();

    public void Print()
    {
        var all = _samples.Values.Sum();
        foreach (var (type, count) in _samples.OrderByDescending(static s => s.Value).Take(25))
        {
            Console.WriteLine($"{100.0 * count / all,5:N1} %  {type}");
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, (EventKeywords)GcKeyword);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true && eventData.PayloadNames
            ?.IndexOf("TypeName") is { } index and >= 0)
        {
            _samples.AddOrUpdate((string)eventData.Payload![index]!, 1, static (_, count) => count + 1);
        }
    }
}
