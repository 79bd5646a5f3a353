namespace Storefront.Shared;

/// <summary>A path whose file is gone at the end, unless it was moved away.</summary>
public sealed class TemporaryFile(string path) : IDisposable
{
    public string Path => path;

    public void Dispose() => File.Delete(path);
}
