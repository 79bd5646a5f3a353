using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The declaration of a queue that counts.</summary>
/// <param name="Policy">What was declared.</param>
/// <param name="Version">The version of the application that declared it, with all four parts.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record DeclaredQueue(QueuePolicy Policy, Version Version)
{
    /// <summary>Reads what a store has kept of a declaration.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="keepSucceeded"><see cref="QueuePolicy.KeepSucceeded"/> in ticks.</param>
    /// <param name="keepFailed"><see cref="QueuePolicy.KeepFailed"/> in ticks.</param>
    /// <param name="version">The version as text.</param>
    /// <returns>The declaration; <see langword="null"/> where nobody has declared the queue, or a part of it cannot be read.</returns>
    public static DeclaredQueue? Read(string queue, long? keepSucceeded, long? keepFailed, string? version) =>
        keepSucceeded is { } succeeded && keepFailed is { } failed && Version.TryParse(version, out var read)
            ? new DeclaredQueue(
                new QueuePolicy(queue) { KeepSucceeded = TimeSpan.FromTicks(succeeded), KeepFailed = TimeSpan.FromTicks(failed) }, read)
            : null;

    /// <summary>A declaration, with all four parts of its version: 1.2 and 1.2.0.0 are the same.</summary>
    /// <param name="policy">What is declared.</param>
    /// <param name="version">The version of the application.</param>
    /// <returns>The declaration.</returns>
    public static DeclaredQueue Of(QueuePolicy policy, Version version)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(version);
        return new DeclaredQueue(policy,
            new Version(version.Major, version.Minor, Math.Max(0, version.Build), Math.Max(0, version.Revision)));
    }
}
