using Simmer;

namespace Storefront.Import;

/// <summary>Runs an import, from its checkpoint if it was interrupted.</summary>
public sealed class ImportProductsHandler(Importer importer, ImportStore imports, UploadFolder uploads)
    : IVerdictHandler<ImportProducts, ImportReport>
{
    public async Task<JobVerdict<ImportReport>> HandleAsync(ImportProducts job, JobContext context, CancellationToken cancellationToken)
    {
        if (await imports.FindAsync(job.Import, cancellationToken) is not { } import)
        {
            return JobVerdict
                .Fail($"Import {job.Import} is not known: the upload was given up at the last moment, or the shop's database was "
                + "replaced.");
        }

        try
        {
            var report = await importer.RunAsync(import, new JobProgressAdapter(context.Progress, import.Bytes), cancellationToken);
            uploads.Discard(import.File);
            return report;
        }
        catch (InvalidCsvException exception)
        {
            // The same file would be wrong the next time as well, so it is not tried again.
            return JobVerdict.Fail(exception.Message);
        }
    }

    /// <summary>Passes on the importer's progress, so that the importer knows nothing of jobs.</summary>
    private sealed class JobProgressAdapter(JobProgress progress, long bytes) : IProgress<Checkpoint>
    {
        public void Report(Checkpoint value) => progress.Report(
            value.Finished || bytes == 0 ? 1 : Math.Min(1, (double)value.Offset / bytes),
            value.Bad == 0 ? $"{value.Imported:N0} rows" : $"{value.Imported:N0} rows, {value.Bad:N0} bad");
    }
}
