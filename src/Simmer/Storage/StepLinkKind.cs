using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>What the end of a parent means for a child.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public enum StepLinkKind
{
    /// <summary>The child's rule looks at how the parent ended.</summary>
    Normal = 0,

    /// <summary>Only that it has ended, so that the child may follow.</summary>
    Order = 1,

    /// <summary>The child undoes the parent, and is left out unless that had succeeded.</summary>
    Target = 2,
}
