using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A job that has not ended, as operators deal with it.</summary>
/// <param name="Seq">The number of its row.</param>
/// <param name="State">Its state.</param>
/// <param name="Run">The number of its run.</param>
/// <param name="Owner">The worker that runs it; 0: nobody.</param>
/// <param name="Step">Its place in a workflow.</param>
/// <param name="IsAlone">Whether its row says that it is no step. A row that says it is one, and has no workflow, is damaged.</param>
internal readonly record struct HotRow(long Seq, JobState State, int Run, long Owner, StepDraft? Step, bool IsAlone);
