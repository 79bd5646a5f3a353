using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A flush without the operations that another transaction blocks. The operations of a flush are numbered through, from 0:
/// settlements, give-backs, enqueues, workflows.</summary>
internal sealed class FlushPart
{
    private readonly Flush _whole;
    private readonly HashSet<int> _leftOut;
    private readonly bool _claims;

    private FlushPart(Flush whole, HashSet<int> leftOut, bool claims = true)
    {
        (_whole, _leftOut, _claims) = (whole, leftOut, claims);
        Flush = leftOut.Count == 0 && claims ? whole : new Flush
        {
            Worker = whole.Worker,
            Sequence = whole.Sequence,
            IsRepeat = whole.IsRepeat,
            IsApart = whole.IsApart,
            Settlements = Kept(whole.Settlements, 0),
            GiveBacks = Kept(whole.GiveBacks, FirstGiveBack),
            Progress = claims ? whole.Progress : [],
            Enqueues = Kept(whole.Enqueues, FirstEnqueue),
            Workflows = Kept(whole.Workflows, FirstWorkflow),
            Claims = claims ? whole.Claims : [],
            Kinds = whole.Kinds,
            Suspects = whole.Suspects,
        };
    }

    /// <summary>The operations that are left.</summary>
    public Flush Flush { get; }

    /// <summary>The numbers of those that are left out, to be noted with the flush: a repeat must know what was not done. Null: there are
    /// none.</summary>
    public int[]? LeftOut => _leftOut.Count == 0 ? null : [.. _leftOut.Order()];

    /// <summary>The numbers that the enqueues which are left have in the whole.</summary>
    public IReadOnlyList<int> EnqueueNumbers =>
        [.. Enumerable.Range(FirstEnqueue, _whole.Enqueues.Count).Where(number => !_leftOut.Contains(number))];

    /// <summary>The numbers that the workflows which are left have in the whole.</summary>
    public IReadOnlyList<int> WorkflowNumbers =>
        [.. Enumerable.Range(FirstWorkflow, _whole.Workflows.Count).Where(number => !_leftOut.Contains(number))];

    /// <summary>Whether anything but claims is asked for.</summary>
    public static bool HasOperations(Flush flush) =>
        flush.Settlements.Count + flush.GiveBacks.Count + flush.Enqueues.Count + flush.Workflows.Count > 0;

    private int FirstGiveBack => _whole.Settlements.Count;

    private int FirstEnqueue => FirstGiveBack + _whole.GiveBacks.Count;

    private int FirstWorkflow => FirstEnqueue + _whole.Enqueues.Count;

    /// <summary>The whole flush.</summary>
    public static FlushPart Whole(Flush flush) => new(flush, []);

    /// <summary>Without the operations with these numbers.</summary>
    public static FlushPart Without(Flush flush, IEnumerable<int> leftOut) => new(flush, [.. leftOut]);

    /// <summary>Without any operation or claim: another transaction has locked a whole table.</summary>
    public static FlushPart Nothing(Flush flush) =>
        new(flush, [.. Enumerable.Range(0, flush.Settlements.Count + flush.GiveBacks.Count + flush.Enqueues.Count + flush.Workflows.Count)],
            claims: false);

    /// <summary>Without the operations that may have to wait for a key, an id or a workflow of another transaction.</summary>
    /// <param name="flush">The flush.</param>
    /// <param name="evenOwnRows">Whether those are left out as well that touch any row which is there: without the others the flush still
    /// had to wait.</param>
    public static FlushPart WithoutShared(Flush flush, bool evenOwnRows)
    {
        var leftOut = new HashSet<int>();
        var number = 0;
        foreach (var settlement in flush.Settlements)
        {
            Note(evenOwnRows || settlement.Step is not null);
        }

        foreach (var _ in flush.GiveBacks)
        {
            Note(true);
        }

        var shared = flush.Enqueues.Where(static e => e.Group > 0 && IsShared(e.Job)).Select(static e => e.Group).ToHashSet();
        foreach (var request in flush.Enqueues)
        {
            Note(IsShared(request.Job) || shared.Contains(request.Group));
        }

        foreach (var workflow in flush.Workflows)
        {
            Note(workflow.IdGiven);
        }

        return new FlushPart(flush, leftOut);

        void Note(bool leaves)
        {
            if (leaves)
            {
                _ = leftOut.Add(number);
            }

            number++;
        }
    }

    private static bool IsShared(JobDraft job) => job.IdGiven || job.UniqueKey is not null;

    /// <summary>The answer to the part as one to the whole.</summary>
    public FlushReport Expand(FlushReport report) => _leftOut.Count == 0 ? report : new FlushReport
    {
        WorkerGone = report.WorkerGone,
        WasRepeat = report.WasRepeat,
        Settlements = Expanded(report.Settlements, 0, _whole.Settlements.Count),
        GiveBacks = Expanded(report.GiveBacks, FirstGiveBack, _whole.GiveBacks.Count),
        Enqueues = Expanded(report.Enqueues, FirstEnqueue, _whole.Enqueues.Count),
        Workflows = Expanded(report.Workflows, FirstWorkflow, _whole.Workflows.Count),
        Refusals = report.Refusals,
        SetAside = report.SetAside,
        Released = report.Released,
        Claims = report.Claims,
        Expired = report.Expired,
        Blocked = Blocked,
    };

    /// <summary>An answer to the whole, marked with the operations that it says nothing about.</summary>
    public FlushReport Mark(FlushReport report) => _leftOut.Count == 0 ? report : new FlushReport
    {
        WorkerGone = report.WorkerGone,
        Settlements = report.Settlements,
        GiveBacks = report.GiveBacks,
        Enqueues = report.Enqueues,
        Workflows = report.Workflows,
        Refusals = report.Refusals,
        SetAside = report.SetAside,
        Released = report.Released,
        Blocked = Blocked,
    };

    private BlockedOperations Blocked => new()
    {
        Settlements = Places(0, _whole.Settlements.Count),
        GiveBacks = Places(FirstGiveBack, _whole.GiveBacks.Count),
        Enqueues = Places(FirstEnqueue, _whole.Enqueues.Count),
        Workflows = Places(FirstWorkflow, _whole.Workflows.Count),
        Claims = !_claims && _whole.Claims.Count > 0,
    };

    private IReadOnlyList<T> Kept<T>(IReadOnlyList<T> items, int first) =>
        _leftOut.Count == 0 ? items : [.. items.Where((_, i) => !_leftOut.Contains(first + i))];

    private T[] Expanded<T>(IReadOnlyList<T> answers, int first, int count)
    {
        var all = new T[count];
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            if (!_leftOut.Contains(first + i))
            {
                all[i] = answers[next++];
            }
        }

        return all;
    }

    private HashSet<int> Places(int first, int count) => [.. Enumerable.Range(0, count).Where(i => _leftOut.Contains(first + i))];
}
