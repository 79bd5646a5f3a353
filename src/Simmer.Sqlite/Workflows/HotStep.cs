using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>A step that has not ended.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Id">Its job.</param>
/// <param name="Step">Its place in the workflow.</param>
internal readonly record struct HotStep(HotRow Row, JobId Id, StepDraft Step);
