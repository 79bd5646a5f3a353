using Storefront.Shared;

namespace Storefront.Import;

/// <summary>The uploaded files, until they are imported.</summary>
public sealed class UploadFolder(DataDirectory data)
{
    /// <summary>Streams a body of any size to the disk.</summary>
    /// <returns>The file, from the data directory, and its size.</returns>
    public async Task<(string File, long Bytes)> SaveAsync(Stream body, CancellationToken cancellationToken)
    {
        var path = Path.Combine(data.Uploads, $"{Guid.CreateVersion7():N}.csv");
        using var aside = new TemporaryFile(path + ".part");
        await using (var file =
            new FileStream(aside.Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
        {
            await body.CopyToAsync(file, cancellationToken);

            // The job that will read the file is durable, so the file must be too: it is flushed to the disk before the upload is
            // acknowledged.
            file.Flush(flushToDisk: true);
        }

        File.Move(aside.Path, path);
        return (Path.GetRelativePath(data.Root, path), new FileInfo(path).Length);
    }

    public string PathOf(string file) => Path.Combine(data.Root, file);

    /// <summary>Deletes an uploaded file that is not needed any more; generated ones stay.</summary>
    public void Discard(string file)
    {
        var path = PathOf(file);
        if (Path.GetDirectoryName(path) == data.Uploads)
        {
            File.Delete(path);
        }
    }
}
