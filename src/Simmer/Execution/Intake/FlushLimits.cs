using Simmer.Storage;

namespace Simmer.Execution.Intake;

/// <summary>The limits of a flush. They are halved when a flush was too large to reach the store, and doubled with every flush that reaches
/// it, up to their first values. They are changed and read under the gate of the <see cref="FlushIntake"/>.</summary>
internal sealed class FlushLimits
{
    /// <summary>A flush of fewer bytes is not too large for any way to a database.</summary>
    public const long Heavy = 64 * 1024;

    public int Operations { get; private set; } = BatchLimits.Operations;

    public long Bytes { get; private set; } = BatchLimits.Bytes;

    public bool AreFull => Bytes == BatchLimits.Bytes && Operations == BatchLimits.Operations;

    /// <summary>Half of what did not reach the store.</summary>
    public void Halve(int operations, long bytes)
    {
        Operations = Math.Max(1, Math.Min(Operations, operations) / 2);
        Bytes = Math.Max(Heavy, Math.Min(Bytes, bytes) / 2);
    }

    public void Double()
    {
        Operations = Math.Min(BatchLimits.Operations, Operations * 2);
        Bytes = Math.Min(BatchLimits.Bytes, Bytes * 2);
    }
}
