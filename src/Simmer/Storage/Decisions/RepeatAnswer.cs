namespace Simmer.Storage.Decisions;

/// <summary>The answers about what was stored before: an id that is in use, a unique key that is held, a flush that is repeated because its
/// answer was lost. A repeated flush takes effect once, and is answered from what is stored, because its first answer is not kept. In a
/// repeated settlement, a row that is gone had ended. The index finds the holder of a key, and not a look before the insert.</summary>
internal static class RepeatAnswer
{
    /// <summary>The answer to a settlement of a flush that had been carried out: a row that is gone had ended by it, one in another run has
    /// been claimed since.</summary>
    /// <param name="settlement">The settlement.</param>
    /// <param name="found">What has its job's id.</param>
    /// <param name="worker">The worker that repeats the flush; default: its row is gone.</param>
    /// <returns>The answer. Not settled: the job is still under this very lease, so the database had refused its end
    /// (<see cref="WasRefused"/>).</returns>
    public static SettleReport ToSettlement(Settlement settlement, in FoundJob found, WorkerId worker) =>
        found.State == JobState.Unknown
            ? new SettleReport(true, settlement.State)
            : new SettleReport(!found.IsHeldBy(worker, settlement.Token.Run), found.State);

    /// <summary>Whether the end of a job had been refused when the flush was carried out: its worker still holds the lease.</summary>
    /// <param name="token">The lease that was settled or given back.</param>
    /// <param name="found">What has the job's id.</param>
    /// <param name="worker">The worker that repeats the flush; default: its row is gone.</param>
    /// <returns>Whether it had been.</returns>
    public static bool WasRefused(LeaseToken token, in FoundJob found, WorkerId worker) =>
        found.State == JobState.Running && found.IsHeldBy(worker, token.Run);

    /// <summary>The answer to the worker about such a job.</summary>
    /// <param name="token">The lease.</param>
    /// <returns>The refusal; why it was refused was in the answer that is lost.</returns>
    public static Refusal RefusedBefore(LeaseToken token) => new(token,
        new StoreException($"The database refused the end of job {token.Id}, and the answer that said why was lost; it is tried again."));

    /// <summary>The answer to an enqueue of a flush that had been carried out.</summary>
    /// <param name="request">The enqueue.</param>
    /// <param name="whyTaken">Why the job cannot have the id that its caller chose; <see langword="null"/>: it can.</param>
    /// <param name="found">What has its id.</param>
    /// <param name="holder">The job that holds its unique key; it need not be looked for where something has its id.</param>
    /// <param name="worker">The worker that repeats the flush; default: its row is gone.</param>
    /// <returns>The answer. Stored and in state <see cref="JobState.Unknown"/>: there is no trace of it. It has ended and is not kept, or
    /// it was not stored; which of the two the store knows by its notes.</returns>
    public static EnqueueReport ToEnqueue(in EnqueueRequest request, string? whyTaken, in FoundJob found,
        (JobId Id, JobState State)? holder, WorkerId worker)
    {
        var job = request.Job;
        if (whyTaken is not null)
        {
            return Refused(job, whyTaken);
        }

        if (found.State != JobState.Unknown)
        {
            var isDispatched = request.Dispatch && found.IsHeldBy(worker, run: 1);
            return new EnqueueReport(isDispatched ? EnqueueStatus.Dispatched : EnqueueStatus.Stored, job.Id, found.State);
        }

        return holder is var (id, state) ? ToHeldKey(id, state) : new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Unknown);
    }

    /// <summary>The answer to an enqueue whose id is there.</summary>
    /// <param name="job">The job to be stored.</param>
    /// <param name="kind">The kind of the job that has the id.</param>
    /// <param name="isStep">Whether that is a step of a workflow.</param>
    /// <param name="state">Its state.</param>
    /// <param name="hasOtherPayload">Whether its payload is another one.</param>
    /// <returns>A duplicate; or a refusal, where the id that a caller chose belongs to something else.</returns>
    public static EnqueueReport ToTakenId(JobDraft job, string kind, bool isStep, JobState state, bool hasOtherPayload) =>
        job.IdGiven && StoreRules.WhyTaken(job, kind, isStep) is { } why
            ? Refused(job, why)
            : new EnqueueReport(EnqueueStatus.Duplicate, job.Id, state) { HasOtherPayload = job.IdGiven && hasOtherPayload };

    /// <summary>The answer to an enqueue whose unique key another job holds.</summary>
    /// <param name="holder">That job.</param>
    /// <param name="state">Its state.</param>
    /// <returns>The answer.</returns>
    public static EnqueueReport ToHeldKey(JobId holder, JobState state) => new(EnqueueStatus.Duplicate, holder, state);

    /// <summary>The answer to an enqueue that is refused.</summary>
    /// <param name="job">The job.</param>
    /// <param name="why">Why.</param>
    /// <returns>The answer.</returns>
    public static EnqueueReport Refused(JobDraft job, string why) => Refused(job, new StoreException(why));

    /// <inheritdoc cref="Refused(JobDraft, string)"/>
    public static EnqueueReport Refused(JobDraft job, StoreException why) => new(EnqueueStatus.Refused, job.Id, JobState.Unknown, why);

    /// <summary>The answer to a workflow that is to be stored.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="present">The state of the workflow that has its id; <see langword="null"/>: there is none, or the caller did not choose
    /// the id.</param>
    /// <param name="taken">A job that is no step and has the id of one of its steps; <see langword="null"/>: there is none.</param>
    /// <returns>The answer. <see cref="EnqueueStatus.Stored"/>: it can be stored, and is to be.</returns>
    public static WorkflowReport ToWorkflow(WorkflowDraft workflow, WorkflowState? present, (JobId Id, string Kind)? taken) =>
        present is { } state ? new WorkflowReport(EnqueueStatus.Duplicate, workflow.Id, state)
        : StoreRules.WhyRefused(workflow) is { } why ? Refused(workflow, new StoreException(why))
        : taken is var (id, kind) ? Refused(workflow, new StoreException(StoreRules.WhyTaken(workflow, id, kind)))
        : new WorkflowReport(EnqueueStatus.Stored, workflow.Id, FollowDecision.StateOfNew(workflow));

    /// <summary>The answer to a workflow of a flush that had been carried out, unless it was refused.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="wasDuplicate">Whether its id was taken by the same workflow already.</param>
    /// <param name="state">The state of the workflow that has its id by now.</param>
    /// <returns>The answer.</returns>
    public static WorkflowReport ToRepeatedWorkflow(WorkflowDraft workflow, bool wasDuplicate, WorkflowState state) =>
        new(wasDuplicate ? EnqueueStatus.Duplicate : EnqueueStatus.Stored, workflow.Id, state);

    /// <summary>The answer to a workflow that is refused.</summary>
    /// <param name="workflow">The workflow.</param>
    /// <param name="why">Why.</param>
    /// <returns>The answer.</returns>
    public static WorkflowReport Refused(WorkflowDraft workflow, StoreException why) =>
        new(EnqueueStatus.Refused, workflow.Id, WorkflowState.Unknown, why);
}
