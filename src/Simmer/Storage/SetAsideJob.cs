using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A job that a store leaves alone for a while, because its row cannot be read or the database refuses what is to be written to
/// it. It is kept and looked at again later.</summary>
/// <param name="Job">The job, as its row names it: an id that cannot be read is shown as it is stored.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="Until">When it is looked at again.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct SetAsideJob(string Job, string Reason, DateTimeOffset Until);
