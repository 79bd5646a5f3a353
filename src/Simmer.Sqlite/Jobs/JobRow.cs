using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A job about to be stored.</summary>
/// <param name="Job">The job.</param>
/// <param name="Queue">Its queue's number.</param>
/// <param name="Kind">Its kind's number.</param>
/// <param name="State">The state that it begins in.</param>
/// <param name="At">The present time.</param>
/// <param name="Due">When it is due, if that is yet to come.</param>
/// <param name="Expires">When it expires.</param>
/// <param name="Starter">The worker that runs it from the start (<see cref="DirectStarts"/>, <see cref="StepStarts"/>); null: nobody, it
/// is not running.</param>
internal readonly record struct JobRow(JobDraft Job, long Queue, long Kind, JobState State, long At, long? Due, long? Expires,
    long? Starter)
{
    /// <summary>The version of a step: that it is stored, released and claimed are a change each.</summary>
    public long StepVersion => State == JobState.Waiting ? 1 : Starter is null ? 2 : 3;
}
