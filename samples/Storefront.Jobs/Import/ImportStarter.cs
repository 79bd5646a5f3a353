using Simmer;

namespace Storefront.Import;

/// <summary>Notes an import and enqueues its job.</summary>
public sealed class ImportStarter(IJobClient jobs, ImportStore imports, UploadFolder uploads)
{
    /// <exception cref="InvalidCsvException">The file as a whole cannot be imported; it is deleted.</exception>
    public async Task<JobHandle<ImportReport>> StartAsync(string name, string file, long bytes, CancellationToken cancellationToken)
    {
        try
        {
            // Reading the header shows at once that a wrong file was chosen, in most cases.
            await ProductColumns.ReadAsync(uploads.PathOf(file), cancellationToken);
            return await EnqueueAsync(name, file, bytes, cancellationToken);
        }
        catch
        {
            uploads.Discard(file);
            throw;
        }
    }

    private async Task<JobHandle<ImportReport>> EnqueueAsync(string name, string file, long bytes, CancellationToken cancellationToken)
    {
        // The import is stored first, under the id its job will have: a job never starts without its import.
        var job = new JobId(Guid.CreateVersion7());
        var import = await imports.AddAsync(job.Value, name, file, bytes, cancellationToken);
        try
        {
            return await jobs.EnqueueAsync(new ImportProducts(import), new EnqueueOptions { Id = job }, cancellationToken);
        }
        catch
        {
            await imports.RemoveAsync(import, CancellationToken.None);
            throw;
        }
    }
}
