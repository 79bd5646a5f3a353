using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A hot row as claims and adoptions read it.</summary>
internal sealed class ClaimRow
{
    public required long Seq { get; init; }

    public required JobId Id { get; init; }

    public required int Queue { get; init; }

    public required int Kind { get; init; }

    public required int Run { get; init; }

    public required int Forgiven { get; init; }

    public required int Rank { get; init; }

    public required int MaxAttempts { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    public TimeSpan? TimeLimit { get; init; }

    public string? UniqueKey { get; init; }

    public UniqueWhile UniqueWhile { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? TraceParent { get; init; }

    public string? TraceState { get; init; }

    public int Suspicion { get; init; }

    public bool CancelRequested { get; init; }

    public required byte[] Payload { get; init; }

    public StepDraft? Step { get; init; }

    /// <summary>Why the row cannot be read; null: it can. Of one that cannot be, only what says where it is counts.</summary>
    public string? Unreadable { get; private init; }

    /// <summary>Reads the columns of a claim. Never throws over what they hold: a claim has been carried out when its rows come
    /// up.</summary>
    public static ClaimRow Read(NpgsqlDataReader row)
    {
        try
        {
            return ReadExactly(row);
        }
        catch (Exception e) when (e is not (NpgsqlException or IOException or OutOfMemoryException))
        {
            return new ClaimRow
            {
                Seq = row.GetInt64(0),
                Id = row.Id(1),
                Queue = row.GetInt32(2),
                Kind = row.GetInt32(3),
                Run = row.GetInt32(4),
                Forgiven = row.GetInt32(5),
                Rank = row.GetInt32(6),
                MaxAttempts = row.GetInt32(7),
                EnqueuedAt = DateTimeOffset.UnixEpoch,
                Suspicion = row.GetInt32(16),
                Payload = [],
                Unreadable = Why(row, e),
            };
        }
    }

    private static string Why(NpgsqlDataReader row, Exception first)
    {
        var problems = new RowProblems();
        _ = problems.Read("run", () => RowProblems.Count(row.GetInt32(4)), 0);
        _ = problems.Read("forgiven", () => RowProblems.Count(row.GetInt32(5)), 0);
        _ = problems.Read("enqueued_at", () => row.Time(8), default);
        _ = problems.Read("expires_at", () => row.TimeOrNull(9), null);
        _ = problems.Read("time_limit", () => RowProblems.TimeLimit(row.LongOrNull(10)), null);
        _ = problems.Read("tags", () => JsonList.Read(row.TextOrNull(13)), []);
        _ = problems.Read("step", () => row.StepOrNull(19, row.Id(1)), null);
        return problems.Text ?? $"its row cannot be read: {first.Message}";
    }

    private static ClaimRow ReadExactly(NpgsqlDataReader row)
    {
        var id = row.Id(1);
        return new ClaimRow
        {
            Seq = row.GetInt64(0),
            Id = id,
            Queue = row.GetInt32(2),
            Kind = row.GetInt32(3),
            Run = RowProblems.Count(row.GetInt32(4)),
            Forgiven = RowProblems.Count(row.GetInt32(5)),
            Rank = row.GetInt32(6),
            MaxAttempts = row.GetInt32(7),
            EnqueuedAt = row.Time(8),
            ExpiresAt = row.TimeOrNull(9),
            TimeLimit = RowProblems.TimeLimit(row.LongOrNull(10)),
            UniqueKey = row.TextOrNull(11),
            UniqueWhile = (UniqueWhile)row.GetInt16(12),
            Tags = JsonList.Read(row.TextOrNull(13)),
            TraceParent = row.TextOrNull(14),
            TraceState = row.TextOrNull(15),
            Suspicion = row.GetInt32(16),
            CancelRequested = row.GetBoolean(17),
            Payload = row.Bytes(18),
            Step = row.StepOrNull(19, id),
        };
    }

    /// <summary>Whether its queue and its kind have names.</summary>
    public bool IsNamed(NameTable names) => names.QueueName(Queue) is not null && names.KindName(Kind) is not null;

    public JobDraft Draft(NameTable names) => new()
    {
        Id = Id,
        Queue = names.QueueName(Queue) ?? throw new StoreException($"Queue number {Queue} of job {Id} has no name in the database."),
        Kind = names.KindName(Kind) ?? throw new StoreException($"Kind number {Kind} of job {Id} has no name in the database."),
        Priority = ~Rank,
        MaxAttempts = MaxAttempts,
        ExpiresAt = ExpiresAt,
        TimeLimit = TimeLimit,
        UniqueKey = UniqueKey,
        UniqueWhile = UniqueWhile,
        Tags = Tags,
        TraceParent = TraceParent,
        TraceState = TraceState,
        Payload = Payload,
        Step = Step,
    };
}
