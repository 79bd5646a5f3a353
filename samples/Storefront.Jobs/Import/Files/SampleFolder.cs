using Storefront.Shared;

namespace Storefront.Import;

/// <summary>The generated files.</summary>
public sealed class SampleFolder(DataDirectory data)
{
    /// <summary>The path of a sample; of its name only the last part counts, so that it cannot lead out of the folder.</summary>
    public string PathOf(string name) => Path.Combine(data.Samples, Path.GetFileName(name));

    /// <summary>The path as an import stores it: from the data directory, which may be mounted elsewhere in another process.</summary>
    public string RelativePathOf(string name) => Path.GetRelativePath(data.Root, PathOf(name));
}
