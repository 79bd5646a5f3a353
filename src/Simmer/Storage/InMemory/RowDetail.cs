namespace Simmer.Storage.InMemory;

/// <summary>What only some jobs have: an end that is kept, errors, progress, a requested cancel.</summary>
internal sealed class RowDetail
{
    public DateTimeOffset? FinishedAt;
    public DateTimeOffset KeepUntil;
    public double? Progress;
    public string? ProgressText;
    public bool Stuck;
    public string? Reason;
    public string? CancelReason;
    public ReadOnlyMemory<byte>? Result;
    public object? ResultItem;
    public StepRow? Step;

    /// <summary>Replaced, never changed: snapshots share it.</summary>
    public AttemptError[] Errors = [];

    public void Add(AttemptError error)
    {
        var skip = Errors.Length < StoreRules.ErrorsKept ? 0 : Errors.Length - StoreRules.ErrorsKept + 1;
        Errors = [.. Errors.AsSpan(skip), error];
    }

    public void Note(ProgressNote note)
    {
        Progress = note.Fraction ?? Progress;
        ProgressText = note.Text ?? ProgressText;
        Stuck = note.Stuck;
    }
}
