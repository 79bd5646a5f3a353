using System.Diagnostics.CodeAnalysis;
using Simmer.Jobs;

namespace Simmer.Storage;

/// <summary>Limits, texts and checks that all stores share.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public static class StoreRules
{
    /// <summary>How many errors a job keeps; the newest stay.</summary>
    public const int ErrorsKept = 20;

    /// <summary>The <see cref="JobRecord.Reason"/> of a job that was cancelled because it had expired.</summary>
    public const string ExpiredReason = "expired";

    /// <summary>The <see cref="JobRecord.Reason"/> of a step that was to be deleted.</summary>
    public const string DeletedStepReason = "deleted, because its row could not be read";

    /// <summary>The <see cref="JobRecord.Reason"/> of a job in state <see cref="JobState.Unknown"/> that has finished, while it is not
    /// known how.</summary>
    public const string NotKeptReason =
        "it has finished, and its record is not kept (KeepSucceeded or KeepFailed of its queue), or it was deleted";

    /// <summary>The mark in place of a text for people (an error, a reason, progress) that the database refused, so that the outcome could
    /// be stored.</summary>
    public const string RefusedText = "(not stored: the database refused this text)";

    /// <summary>Why a job of a call that enqueues several at once is not stored, where the reason lies with another of them.</summary>
    internal const string RefusedWithAnother = "Another job of the same call was refused, and they are stored all or none.";

    /// <summary>The longest kind, queue and unique key, in UTF-16 characters.</summary>
    public const int LongestName = 200;

    /// <summary>The longest reason of an end or a cancel, in UTF-16 characters; a longer one is cut with a mark.</summary>
    public const int LongestReason = 2_000;

    /// <summary>The longest message of an error, in UTF-16 characters; a longer one is cut with a mark.</summary>
    public const int LongestMessage = 2_000;

    /// <summary>The longest detail of an error, such as its stack trace, in UTF-16 characters; a longer one is cut with a mark.</summary>
    public const int LongestDetail = 8_000;

    /// <summary>How much of a refused text a message shows, in UTF-16 characters.</summary>
    public const int LongestShown = StoredText.LongestShown;

    /// <summary>How long a cancelled job is kept if its queue is not declared (<see cref="IJobStore.PutQueuesAsync"/>) and no settlement
    /// says how long: because it expired, was cancelled by hand, or was given back after its cancel was requested.</summary>
    /// <value>14 days.</value>
    public static readonly TimeSpan KeptByDefault = TimeSpan.FromDays(14);

    /// <summary>Until when a job that finished now is kept.</summary>
    /// <param name="now">The present time.</param>
    /// <param name="keepFor">For how long.</param>
    /// <returns>The end, at most the last representable time: <see cref="TimeSpan.MaxValue"/> means for ever.</returns>
    public static DateTimeOffset KeepUntil(DateTimeOffset now, TimeSpan keepFor) =>
        keepFor >= DateTimeOffset.MaxValue - now ? DateTimeOffset.MaxValue : now + keepFor;

    /// <summary>Why a store refuses a job: because of a name that one of the databases could not hold. It is checked before the
    /// transaction, so that a bad row never fails its neighbours.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The message; <see langword="null"/>: it can be stored.</returns>
    public static string? WhyRefused(JobDraft job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (job.IdGiven ? WhyRefused(job.Id) : null)
            ?? WhyRefused("kind", job.Kind)
            ?? WhyRefused("queue", job.Queue)
            ?? (job.UniqueKey is { } key ? WhyRefused("unique key", key) : null);
    }

    /// <summary>Why an id cannot be the one that a caller gives to a job, whatever is stored.</summary>
    internal static string? WhyRefused(JobId id) =>
        id.Value == Guid.Empty
            ? "The job's id is empty (default(JobId)). Leave Id out, and the job gets a new one; or give it a UUID of your own."

            : WorkflowId.IsNamed(id)
            ? $"The job's id {id} is a version 8 UUID. Ids of that form belong to workflows whose id was made from a name "
                + "(WorkflowId.For) and to their steps. Give the job a UUID of another version: 4, 5 or 7."
        : null;

    /// <summary>Why a job cannot have the id that its caller chose: the id is in use for something else.</summary>
    /// <param name="job">The job.</param>
    /// <param name="kind">The kind of the job that has the id.</param>
    /// <param name="isStep">Whether that is a step of a workflow.</param>
    /// <returns>The message; <see langword="null"/>: the stored job is the same one.</returns>
    public static string? WhyTaken(JobDraft job, string kind, bool isStep)
    {
        ArgumentNullException.ThrowIfNull(job);
        return isStep ? WhyOfWorkflow(job.Id)
            : string.Equals(job.Kind, kind, StringComparison.Ordinal) ? null
            : $"The id {job.Id} is that of a job of kind '{kind}', and this job is of kind '{job.Kind}'. An id belongs to one job: give "
                + "this one another.";
    }

    /// <summary>Why a job cannot have an id that lies among those of a workflow that is stored.</summary>
    /// <param name="id">The id that the caller gave to the job.</param>
    /// <returns>The message.</returns>
    public static string WhyOfWorkflow(JobId id) =>
        $"The id {id} belongs to workflow {WorkflowId.OfStep(id)}: it is that of its step {WorkflowId.NumberOf(id)}, whether there is "
            + "one already or not. Give the job another id.";

    /// <summary>Why a step cannot be stored: its id belongs to a job that is no step, stored by a version that still allowed such
    /// ids.</summary>
    /// <param name="id">The step's id.</param>
    /// <param name="kind">The kind of the job that has it.</param>
    /// <returns>The message.</returns>
    public static string WhyStepTaken(JobId id, string kind) =>
        $"its step {WorkflowId.NumberOf(id)} would have the id {id}, and that is the id of a job of kind '{kind}' which belongs to no "
            + "workflow. Delete that job, and try again.";

    /// <summary>Why a workflow is refused of which one step cannot have its id.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="taken">The step's id.</param>
    /// <param name="kind">The kind of the job that has it.</param>
    /// <returns>The message.</returns>
    public static string WhyTaken(WorkflowDraft workflow, JobId taken, string kind)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        return $"Workflow {workflow.Id} cannot be stored: {WhyStepTaken(taken, kind)}";
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

    /// <summary>The exception of a store that is used before it was opened.</summary>
    /// <param name="store">Which store, such as <c>the SQLite database '/data/shop.db'</c>.</param>
    /// <returns>The exception to throw.</returns>
    public static StoreException NotStarted(string store) => new(
        $"Simmer has not started yet, so {store} is not open. It opens when the host starts: enqueue and ask after 'await "
            + "app.StartAsync()', in a hosted service's StartAsync, or at IHostApplicationLifetime.ApplicationStarted.");

    /// <summary>The exception of a store that has deleted jobs, while the database refused to delete others of the same call.</summary>
    /// <param name="deleted">How many were deleted.</param>
    /// <param name="refused">The refusals, at least one.</param>
    /// <returns>The exception to throw.</returns>
    public static StoreException NotAllDeleted(int deleted, IReadOnlyList<StoreException> refused)
    {
        ArgumentNullException.ThrowIfNull(refused);
        var others = refused.Count == 1 ? "" : $" The deletion of {refused.Count - 1:N0} more was refused as well.";
        return new StoreException($"{refused[0].Message}{others} The others of the call were dealt with: {deleted:N0} deleted.",
            refused[0].IsTransient, inner: refused[0]);
    }

    /// <summary>Why a step fails that succeeded but added too many steps.</summary>
    /// <param name="present">How many steps the workflow has.</param>
    /// <param name="added">How many were to be added.</param>
    /// <returns>The reason; <see langword="null"/>: there is room for them.</returns>
    public static string? WhyTooMany(int present, int added) => present + (long)added <= WorkflowId.MaxSteps ? null
        : $"it adds {added:N0} steps to a workflow of {present:N0}, and a workflow has at most {WorkflowId.MaxSteps:N0}";

    /// <summary>A text for people, cut with the mark "…" if it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="longest">How many UTF-16 characters it may have, the mark among them.</param>
    /// <returns>At most so many.</returns>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Cut(string? text, int longest) => StoredText.Shown(text, longest);

    /// <summary>An error as it is stored, with texts of bounded length.</summary>
    /// <param name="error">The error.</param>
    /// <returns>The same, or one with shorter texts.</returns>
    [return: NotNullIfNotNull(nameof(error))]
    public static AttemptError? Cut(AttemptError? error) =>
        error is null || (error.Type.Length <= LongestName && error.Message.Length <= LongestMessage
            && (error.Detail?.Length ?? 0) <= LongestDetail) ? error
        : error with { Type = Cut(error.Type, LongestName), Message = Cut(error.Message, LongestMessage),
            Detail = Cut(error.Detail, LongestDetail) };

    /// <summary>An answer an operation, in the order of the operations.</summary>
    /// <typeparam name="TItem">The type of an operation.</typeparam>
    /// <typeparam name="TAnswer">The type of an answer.</typeparam>
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
