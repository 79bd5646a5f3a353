using System.Buffers;
using Simmer;

namespace Storefront.Video;

/// <summary>Streams an upload to the disk, as far as it is a video and no larger than allowed, and leaves the rest to a workflow.</summary>
public sealed class VideoUpload(VideoFolder folder, VideoStarter starter)
{
    /// <exception cref="VideoRefusedException">It is no video, or too large; nothing is kept.</exception>
    public async Task<WorkflowHandle> TakeAsync(string name, Stream body, long most, CancellationToken cancellationToken)
    {
        var video = Guid.CreateVersion7();
        try
        {
            folder.Open(video);
            var bytes = await SaveAsync(body, folder.SourceOf(video), most, cancellationToken);
            return await starter.StartAsync(video, name, bytes, cancellationToken);
        }
        catch
        {
            folder.Discard(video);
            throw;
        }
    }

    private static async Task<long> SaveAsync(Stream body, string path, long most, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(80 * 1024);
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0,
                FileOptions.Asynchronous);
            var read = await body.ReadAtLeastAsync(buffer, VideoSignature.Length, throwOnEndOfStream: false, cancellationToken);
            if (!VideoSignature.IsKnown(buffer.AsSpan(0, read)))
            {
                throw new VideoRefusedException(StatusCodes.Status415UnsupportedMediaType, read == 0
                    ? "The file is empty."
                    : $"The file does not begin like a video; send {VideoSignature.Known}.");
            }

            for (var total = 0L; ; read = await body.ReadAsync(buffer, cancellationToken))
            {
                total += read;
                if (total > most)
                {
                    throw VideoRefusedException.TooLarge(most);
                }

                if (read == 0)
                {
                    // The jobs that will read it are durable, so it has to be.
                    file.Flush(flushToDisk: true);
                    return total;
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>Thrown for an upload that is refused, with the status of the answer.</summary>
public sealed class VideoRefusedException(int status, string message) : Exception(message)
{
    public int Status => status;

    public static VideoRefusedException TooLarge(long most) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The file is larger than {most:N0} bytes, which is the most that is taken here.");
}
