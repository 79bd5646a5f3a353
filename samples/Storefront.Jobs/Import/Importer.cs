namespace Storefront.Import;

/// <summary>Brings a file's rows into the shop's database, a batch at a time. Killed at any moment, it goes on where the last batch ended;
/// no row is imported twice and none is left out.</summary>
public sealed class Importer(BatchWriter writer, ImportStore imports, UploadFolder files)
{
    /// <summary>Large enough to make a commit cheap for each row, small enough to show progress and to repeat little.</summary>
    public const int BatchSize = 1_000;

    /// <summary>The most bytes of a batch, so that one with long rows ends earlier: one large commit would hold up all other
    /// writers.</summary>
    public const int BatchBytes = 1024 * 1024;

    /// <summary>Imports what is left of a file.</summary>
    /// <param name="import">The import as it was last stored.</param>
    /// <param name="progress">Hears of each batch, after its commit.</param>
    /// <param name="cancellationToken">Stops between two batches; what was committed stays.</param>
    /// <returns>The totals over all attempts.</returns>
    /// <exception cref="InvalidCsvException">The file as a whole cannot be imported.</exception>
    public async Task<ImportReport> RunAsync(ProductImport import, IProgress<Checkpoint> progress, CancellationToken cancellationToken)
    {
        var checkpoint = import.Checkpoint;
        if (!checkpoint.Finished)
        {
            checkpoint = await ImportRestAsync(import, progress, cancellationToken);
        }

        // Reached as well by the attempt after a kill between the last commit and the job's end.
        progress.Report(checkpoint);
        return await imports.ReportAsync(import with { Checkpoint = checkpoint }, cancellationToken);
    }

    private async Task<Checkpoint> ImportRestAsync(ProductImport import, IProgress<Checkpoint> progress,
        CancellationToken cancellationToken)
    {
        var checkpoint = import.Checkpoint;
        var batch = new List<CsvRecord>(BatchSize);
        await foreach (var record in ProductCsv.ReadAsync(files.PathOf(import.File), checkpoint.Offset, checkpoint.Line, cancellationToken))
        {
            if (batch.Count == BatchSize || record.Offset - checkpoint.Offset >= BatchBytes)
            {
                // The record in hand is the first that is not in the batch: where it starts is where to go on.
                checkpoint = await writer
                    .WriteAsync(import.Id, batch, checkpoint, (record.Offset, record.Line), finished: false, cancellationToken);
                progress.Report(checkpoint);
                batch.Clear();
            }

            batch.Add(record);
        }

        return await writer.WriteAsync(import.Id, batch, checkpoint, (import.Bytes, checkpoint.Line), finished: true, cancellationToken);
    }
}
