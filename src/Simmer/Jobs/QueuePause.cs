namespace Simmer;

/// <summary>Why a queue is paused.</summary>
/// <param name="Reason">What the operator said; <see langword="null"/>: nothing.</param>
/// <param name="By">Who paused it; <see langword="null"/>: nobody said.</param>
/// <param name="Since">Since when it has been paused without a break; <see langword="null"/> where a version paused it that does not note
/// it.</param>
public sealed record QueuePause(string? Reason, string? By, DateTimeOffset? Since);
