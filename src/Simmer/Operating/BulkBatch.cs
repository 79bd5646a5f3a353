using Simmer.Engine;
using Simmer.Storage;

namespace Simmer.Operating;

/// <summary>The jobs that are changed in one transaction.</summary>
/// <param name="Engine">The engine of their store.</param>
/// <param name="Query">How they were found.</param>
/// <param name="Ids">The jobs.</param>
internal readonly record struct BulkBatch(StoreEngine Engine, JobQuery Query, IReadOnlyList<JobId> Ids);
