using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A row of the job table as claims and adoptions read it.</summary>
internal sealed class ClaimRow
{
    public required long Seq { get; init; }

    public required JobId Id { get; init; }

    public required int Queue { get; init; }

    public required int Kind { get; init; }

    public required int Run { get; init; }

    public required int Forgiven { get; init; }

    public required int Rank { get; init; }

    public required DateTimeOffset EnqueuedAt { get; init; }

    public required int Suspicion { get; init; }

    public bool CancelRequested { get; init; }

    public string? UniqueKey => _job?.UniqueKey;

    /// <summary>Why the row cannot be read; null: it can. Of one that cannot be, only what says where it is counts.</summary>
    public string? Unreadable { get; private init; }

    // Its queue and its kind are empty where another process added their names and this one does not know them yet.
    private JobDraft? _job;

    /// <summary>Reads the columns of a claim. Never throws over what they hold: a claim has been carried out when its rows come
    /// up.</summary>
    public static ClaimRow Read(NpgsqlDataReader row, NameTable names)
    {
        try
        {
            return ReadExactly(row, names);
        }
        catch (Exception e) when (e is not (NpgsqlException or IOException or OutOfMemoryException))
        {
            return new ClaimRow
            {
                Seq = row.GetInt64(JobColumns.Seq.InClaim),
                Id = row.Id(JobColumns.Id.InClaim),
                Queue = row.GetInt32(JobColumns.Queue.InClaim),
                Kind = row.GetInt32(JobColumns.Kind.InClaim),
                Run = row.GetInt32(JobColumns.Run.InClaim),
                Forgiven = row.GetInt32(JobColumns.Forgiven.InClaim),
                Rank = row.GetInt32(JobColumns.Rank.InClaim),
                EnqueuedAt = DateTimeOffset.UnixEpoch,
                Suspicion = row.GetInt32(JobColumns.Suspicion.InClaim),
                Unreadable = Why(row, e),
            };
        }
    }

    private static string Why(NpgsqlDataReader row, Exception first)
    {
        var problems = new RowProblems();
        _ = problems.Read("run", () => RowProblems.Count(row.GetInt32(JobColumns.Run.InClaim)), 0);
        _ = problems.Read("forgiven", () => RowProblems.Count(row.GetInt32(JobColumns.Forgiven.InClaim)), 0);
        _ = problems.Read("enqueued_at", () => row.Time(JobColumns.EnqueuedAt.InClaim), default);
        _ = problems.Read("expires_at", () => row.TimeOrNull(JobColumns.ExpiresAt.InClaim), null);
        _ = problems.Read("time_limit", () => RowProblems.TimeLimit(row.LongOrNull(JobColumns.TimeLimit.InClaim)), null);
        _ = problems.Read("tags", () => JsonList.Read(row.TextOrNull(JobColumns.Tags.InClaim)), []);
        _ = problems.Read("step", () => row.StepOrNull(JobColumns.Step.InClaim, row.Id(JobColumns.Id.InClaim)), null);
        return problems.Text ?? $"its row cannot be read: {first.Message}";
    }

    private static ClaimRow ReadExactly(NpgsqlDataReader row, NameTable names)
    {
        var id = row.Id(JobColumns.Id.InClaim);
        var (queue, kind) = (row.GetInt32(JobColumns.Queue.InClaim), row.GetInt32(JobColumns.Kind.InClaim));
        return new ClaimRow
        {
            Seq = row.GetInt64(JobColumns.Seq.InClaim),
            Id = id,
            Queue = queue,
            Kind = kind,
            Run = RowProblems.Count(row.GetInt32(JobColumns.Run.InClaim)),
            Forgiven = RowProblems.Count(row.GetInt32(JobColumns.Forgiven.InClaim)),
            Rank = row.GetInt32(JobColumns.Rank.InClaim),
            EnqueuedAt = row.Time(JobColumns.EnqueuedAt.InClaim),
            Suspicion = row.GetInt32(JobColumns.Suspicion.InClaim),
            CancelRequested = row.GetBoolean(JobColumns.CancelRequested.InClaim),
            _job = JobColumns.ReadDraft(row, id, names.QueueName(queue) ?? "", names.KindName(kind) ?? ""),
        };
    }

    /// <summary>Whether its queue and its kind have names.</summary>
    public bool IsNamed(NameTable names) => names.QueueName(Queue) is not null && names.KindName(Kind) is not null;

    /// <summary>The job; only of a row that can be read.</summary>
    /// <exception cref="StoreException">Its queue or its kind has no name in the database.</exception>
    public JobDraft Draft(NameTable names) => _job is { Queue.Length: > 0, Kind.Length: > 0 } job
        ? job
        : _job!.Named(
            names.QueueName(Queue) ?? throw new StoreException($"Queue number {Queue} of job {Id} has no name in the database."),
            names.KindName(Kind) ?? throw new StoreException($"Kind number {Kind} of job {Id} has no name in the database."));
}
