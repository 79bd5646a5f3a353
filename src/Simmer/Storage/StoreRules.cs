namespace Simmer.Storage;

/// <summary>What every store does alike, in one place.</summary>
public static class StoreRules
{
    /// <summary>How many errors a job keeps; the newest stay.</summary>
    public const int ErrorsKept = 20;

    /// <summary>The <see cref="JobRecord.Reason"/> of a job that was cancelled because it had expired.</summary>
    public const string ExpiredReason = "expired";

    /// <summary>The longest kind, queue and unique key, in UTF-16 characters.</summary>
    public const int LongestName = 200;

    /// <summary>How long a job is kept that is cancelled by a verb that names no retention: it expired, or was given back after a cancel was asked for.</summary>
    /// <value>14 days.</value>
    public static readonly TimeSpan KeptByDefault = TimeSpan.FromDays(14);

    /// <summary>Until when a job that finished now is kept.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="keepFor">For how long.</param>
    /// <returns>The end, at most the last representable time: <see cref="TimeSpan.MaxValue"/> means for ever.</returns>
    public static DateTimeOffset KeepUntil(DateTimeOffset now, TimeSpan keepFor) =>
        keepFor >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + keepFor;

    /// <summary>Why a store refuses a job: a name that one of the databases could not hold. Checked before a transaction, so that a bad row never fails its neighbours.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The message; <see langword="null"/>: it can be stored.</returns>
    public static string? WhyRefused(JobDraft job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return WhyRefused("kind", job.Kind)
            ?? WhyRefused("queue", job.Queue)
            ?? (job.UniqueKey is { } key ? WhyRefused("unique key", key) : null);
    }

    /// <summary>Why a store refuses a workflow: the first of its steps that cannot be stored.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <returns>The message; <see langword="null"/>: it can be stored.</returns>
    public static string? WhyRefused(WorkflowDraft workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        foreach (var job in workflow.Steps)
        {
            if (WhyRefused(job) is { } why)
            {
                return $"Step '{job.Step?.Name}' of workflow {workflow.Id} cannot be stored, so none of it is: {why}";
            }
        }

        return null;
    }

    /// <summary>Why a step fails that succeeded but added too many steps.</summary>
    /// <param name="present">How many steps the workflow has.</param>
    /// <param name="added">How many were to be added.</param>
    /// <returns>The reason; <see langword="null"/>: there is room for them.</returns>
    public static string? WhyTooMany(int present, int added) => present + (long)added <= WorkflowId.MaxSteps ? null
        : $"it adds {added:N0} steps to a workflow of {present:N0}, and a workflow has at most {WorkflowId.MaxSteps:N0}";

    /// <summary>An answer an operation, in the order of the operations.</summary>
    /// <typeparam name="TItem">What an operation is.</typeparam>
    /// <typeparam name="TAnswer">What an answer is.</typeparam>
    /// <param name="items">The operations.</param>
    /// <param name="answer">Gives the answer to one.</param>
    /// <returns>The answers.</returns>
    public static TAnswer[] Each<TItem, TAnswer>(IReadOnlyList<TItem> items, Func<TItem, TAnswer> answer)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(answer);
        if (items.Count == 0)
        {
            return [];
        }

        var answers = new TAnswer[items.Count];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = answer(items[i]);
        }

        return answers;
    }

    private static string? WhyRefused(string what, string name)
    {
        if (name.Length is 0 or > LongestName)
        {
            return $"The {what} has {name.Length} characters; give it 1 to {LongestName}.";
        }

        // PostgreSQL cannot store a NUL in text, SQLite cuts the text there in some functions.
        return name.Contains('\0') ? $"The {what} '{name.Replace("\0", "\\0")}' contains a NUL character; leave it out." : null;
    }
}
