using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>How a step ended, as its children see it.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public enum StepEnd
{
    /// <summary>It succeeded.</summary>
    Succeeded = 0,

    /// <summary>It failed or was cancelled.</summary>
    Failed = 1,

    /// <summary>It was skipped because something before it had failed.</summary>
    Broken = 2,

    /// <summary>It was skipped by a choice or a rule.</summary>
    Skipped = 3,
}
