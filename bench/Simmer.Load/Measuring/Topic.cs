namespace Simmer.Load.Measuring;

/// <summary>The tables of the report.</summary>
internal enum Topic
{
    Throughput,
    Start,
    Workflows,
    Handover,
    Transactions,
    Fleet,
    Failures,
    Rest,
}
