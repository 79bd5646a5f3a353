using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What became of the declaration of a queue.</summary>
/// <param name="Result">The answer.</param>
/// <param name="Stands">The declaration that counts from now on; <see langword="null"/> where the queue cannot be stored.</param>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed record QueuePutReport(QueuePutResult Result, DeclaredQueue? Stands);

/// <summary>What became of the declaration of a queue, in a word.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public enum QueuePutResult
{
    /// <summary>It counts from now on: it is the first, or its version is newer.</summary>
    Stored = 0,

    /// <summary>The declaration that counts says the same under the same version or a newer one. Nothing was written.</summary>
    Unchanged = 1,

    /// <summary>A newer version has declared something else, which stays.</summary>
    Older = 2,

    /// <summary>The same version has declared something else before, which stays.</summary>
    Contradicts = 3,

    /// <summary>The database does not take the queue's name.</summary>
    Refused = 4,
}
