using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>A settlement or a give-back that the database refused: nothing of it is stored, and its row is as it was. The engine keeps it
/// and sends it again, ever more seldom; the answers in its places say nothing.</summary>
/// <param name="Token">The lease of the job.</param>
/// <param name="Error">Why it was refused.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public readonly record struct Refusal(LeaseToken Token, StoreException Error);
