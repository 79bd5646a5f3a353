using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>A job about to be stored.</summary>
/// <param name="Job">The job.</param>
/// <param name="Queue">Its queue's number.</param>
/// <param name="Kind">Its kind's number.</param>
/// <param name="Due">When it is due, if that is yet to come.</param>
/// <param name="Expires">When it expires.</param>
/// <param name="Wants">Whether it starts at once, if the database allows.</param>
/// <param name="State">The state of a step; what a job without a workflow begins in is decided by its insert.</param>
internal readonly record struct JobRow(JobDraft Job, int Queue, int Kind, long? Due, long? Expires, bool Wants = false,
    JobState State = default)
{
    /// <summary>The priority upside down: the best has the lowest.</summary>
    public int Rank => ~Job.Priority;
}
