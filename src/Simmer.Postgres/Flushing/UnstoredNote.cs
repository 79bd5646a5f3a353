using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Notes with a flush which of its enqueues are not stored although it is committed; most flushes have none.</summary>
/// <remarks>If the answer gets lost and the obstacle is gone by then, only this note shows that a job was not stored; it is then sent
/// again.</remarks>
internal sealed class UnstoredNote(FlushPart part)
{
    /// <summary>A kind that has no number: no job of it is stored.</summary>
    private const int NoKind = 0;

    // A job of the same kind under an id that a caller chose is that very job: then the id has been used. CASE: the history is looked
    // through only for ids that callers chose and that are not in the table of jobs.
    private const string NoteSql = """
        WITH unstored AS (SELECT k.n FROM unnest($3::uuid[], $4::int[], $5::int[], $6::boolean[]) AS k(id, n, given_kind, refused)
            WHERE CASE
            WHEN k.refused THEN true
            WHEN EXISTS(SELECT 1 FROM simmer.job j WHERE j.id = ANY(ARRAY[k.id])
                AND (k.given_kind IS NULL OR (j.kind = k.given_kind AND j.step IS NULL))) THEN false
            WHEN k.given_kind IS NULL THEN true
            ELSE NOT EXISTS(SELECT 1 FROM simmer.history h WHERE h.id = ANY(ARRAY[k.id]) AND h.kind = k.given_kind AND h.step IS NULL) END)
        UPDATE simmer.flush SET left_out = nullif(array(SELECT n FROM unnest(left_out) AS l(n) WHERE n <> ALL($4) UNION ALL SELECT n
            FROM unstored), '{}'::int[])
        WHERE worker = $1 AND seq = $2 AND (left_out && $4 OR EXISTS(SELECT 1 FROM unstored))
        """;

    private readonly IReadOnlyList<int> _numbers = part.EnqueueNumbers;
    private readonly List<(JobDraft Job, int Number, bool Refused)> _enqueues = [];

    /// <summary>Adds one that may not be stored.</summary>
    /// <param name="job">The job.</param>
    /// <param name="place">Its place among the enqueues that are carried out.</param>
    /// <param name="refused">Whether it is known already that it is not stored.</param>
    public void Add(JobDraft job, int place, bool refused) => _enqueues.Add((job, _numbers[place], refused));

    /// <summary>Adds the statement that notes those which are not stored, and takes the note from those which are by now.</summary>
    public void Write(SqlBatch batch, NameTable names) => Write(batch, part.Flush, _enqueues, names);

    /// <summary>The same for some of the enqueues of a flush, with their numbers.</summary>
    public static void Write(SqlBatch batch, Flush flush, List<(JobDraft Job, int Number, bool Refused)> enqueues, NameTable names) => batch
        .Add(NoteSql).Bind(flush.Worker.Value).Bind(flush.Sequence)
        .BindIds(enqueues, static e => e.Job.Id.Value)
        .BindAllInts(enqueues, static e => e.Number)
        .BindInts(enqueues, e => !e.Job.IdGiven ? null : names.KnowsKind(e.Job.Kind) ? names.Kind(e.Job.Kind) : NoKind)
        .BindFlags(enqueues, static e => e.Refused);
}
