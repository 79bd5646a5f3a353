namespace Simmer.CrashTests.Faults;

/// <summary>A fault that a worker process meets at chosen calls on chosen files; see diskfaults.c.</summary>
/// <param name="Call">The call: <c>write</c>, <c>sync</c>, <c>read</c> or <c>truncate</c>.</param>
/// <param name="Suffix">How the file's path ends, such as <c>-wal</c>.</param>
/// <param name="Action">What happens: <c>kill-before</c>, <c>kill-half</c>, <c>kill-after</c>, <c>eio</c>, <c>enospc</c> or
/// <c>slow</c>.</param>
/// <param name="First">The first such call that it touches, from 1.</param>
/// <param name="Last">The last one.</param>
/// <param name="Microseconds">How long <c>slow</c> takes.</param>
internal sealed record DiskFault(string Call, string Suffix, string Action, long First = 1, long Last = long.MaxValue,
    long Microseconds = 0)
{
    /// <summary>At the Nth call only.</summary>
    public static DiskFault At(string call, string suffix, string action, long n) => new(call, suffix, action, n, n);

    public override string ToString() => $"{Call} {Suffix} {First} {Last} {Action} {Microseconds}";
}
