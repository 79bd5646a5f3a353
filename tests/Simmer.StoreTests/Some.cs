using System.Buffers.Binary;
using Simmer.Storage;

namespace Simmer.StoreTests;

/// <summary>Test data: what a test does not name does not matter to it.</summary>
internal static class Some
{
    public const string Kind = "sort-letters";
    public const string Queue = "default";

    public static readonly DateTimeOffset Moment = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private static long s_lastId;

    /// <summary>A version 7 id, higher than any before it.</summary>
    public static JobId Id() => Id(Interlocked.Increment(ref s_lastId));

    public static JobId Id(long number)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, (0x019_0000_0000L + number) << 16 | 0x7000);
        bytes[8] = 0x80;
        return new JobId(new Guid(bytes, bigEndian: true));
    }

    public static JobDraft Draft(
        string kind = Kind,
        string queue = Queue,
        JobId? id = null,
        int priority = 0,
        DateTimeOffset? dueAt = null,
        DateTimeOffset? expiresAt = null,
        TimeSpan? delay = null,
        TimeSpan? expiresIn = null,
        string? uniqueKey = null,
        UniqueWhile uniqueWhile = UniqueWhile.Unfinished,
        int maxAttempts = 3,
        IReadOnlyList<string>? tags = null) => new()
        {
            Id = id ?? Id(),
            IdGiven = id is not null,
            Kind = kind,
            Queue = queue,
            Payload = "{}"u8.ToArray(),
            Priority = priority,
            DueAt = dueAt,
            ExpiresAt = expiresAt,
            Delay = delay,
            ExpiresIn = expiresIn,
            UniqueKey = uniqueKey,
            UniqueWhile = uniqueWhile,
            MaxAttempts = maxAttempts,
            Tags = tags ?? [],
        };

    public static AttemptError Error(int run = 1, string message = "no ink") => new(run, run, Moment, "InkException", message);

    public static Settlement Settlement(
        LeaseToken token,
        JobState state = JobState.Succeeded,
        TimeSpan? delay = null,
        bool forgive = false,
        AttemptError? error = null,
        string? reason = null,
        TimeSpan? keepFor = null,
        TimeSpan? keepCancelledFor = null,
        ReadOnlyMemory<byte>? result = null,
        StepDraft? step = null,
        string? branch = null,
        IReadOnlyList<JobDraft>? added = null) => new()
        {
            Token = token,
            State = state,
            Delay = delay,
            Forgive = forgive,
            Error = error,
            Reason = reason,
            KeepFor = keepFor ?? Day,
            KeepCancelledFor = keepCancelledFor ?? Day,
            Result = result,
            Step = step,
            Branch = branch,
            Added = added,
            StartedAt = Moment,
        };
}
