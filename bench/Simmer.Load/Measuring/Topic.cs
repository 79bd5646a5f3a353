namespace Simmer.Load.Measuring;

/// <summary>The tables of the report.</summary>
internal enum Topic
{
    Throughput,
    Start,
    Workflows,
    Handover,
    Watched,
    Transactions,
    Fleet,
    Failures,
    Rest,
}
