namespace Simmer.Jobs;

/// <summary>Why a handler was told to stop.</summary>
internal enum StopReason
{
    None,
    TimeLimit,
    Cancelled,
    Shutdown,
    LeaseLost,
}
