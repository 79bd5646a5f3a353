namespace Simmer.Storage;

/// <summary>What a parent's end means to a child.</summary>
public enum StepLinkKind
{
    /// <summary>The child's rule looks at how the parent ended.</summary>
    Normal = 0,

    /// <summary>Only that it ended: the child comes after it.</summary>
    Order = 1,

    /// <summary>The child undoes the parent, and is left out unless that had succeeded.</summary>
    Target = 2,
}
