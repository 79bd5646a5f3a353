using Simmer;
using Storefront.Shared;

namespace Storefront.Import;

/// <summary>Writes the sample file. It has no checkpoint: the content depends on nothing but the number of rows, and starting over is
/// quick.</summary>
public sealed class MakeSampleFileHandler(SampleFolder samples) : IJobHandler<MakeSampleFile, SampleFile>
{
    public async Task<SampleFile> HandleAsync(MakeSampleFile job, JobContext context, CancellationToken cancellationToken)
    {
        var path = samples.PathOf(job.Name);
        if (!File.Exists(path))
        {
            // The file has another name until it is complete, so that nobody imports half of it.
            var aside = context.DisposeAtEnd(new TemporaryFile($"{path}.{Guid.NewGuid():N}.part"));
            await SampleWriter.WriteAsync(aside.Path, job.Rows, Progress, cancellationToken);
            File.Move(aside.Path, path, overwrite: true);
        }

        return new SampleFile(job.Name, job.Rows, new FileInfo(path).Length);

        void Progress(int rows) => context.Progress.Report((double)rows / job.Rows, $"{rows:N0} of {job.Rows:N0} rows");
    }
}
