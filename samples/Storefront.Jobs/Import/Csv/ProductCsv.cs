using System.Runtime.CompilerServices;
using CsvHelper;

namespace Storefront.Import;

/// <summary>Reads a file record by record, from its start or from a checkpoint, in constant memory.</summary>
public static class ProductCsv
{
    /// <summary>The most bytes of one record. Without a limit, one quote that is never closed would pull the rest of the file into
    /// memory.</summary>
    public const int MaxRecordBytes = 64 * 1024;

    /// <summary>The records after a checkpoint, in the order of the file. Every record says where it starts, so any of them can be resumed
    /// from.</summary>
    /// <exception cref="InvalidCsvException">The file as a whole cannot be imported.</exception>
    public static async IAsyncEnumerable<CsvRecord> ReadAsync(
        string path, long offset, long line, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var columns = await ProductColumns.ReadAsync(path, cancellationToken);
        (long Offset, long Line)? from = (offset, line);
        while (from is { } start)
        {
            from = null;
            await foreach (var (record, broken) in ReadFromAsync(path, columns, start.Offset, start.Line, cancellationToken))
            {
                yield return record;
                if (broken)
                {
                    // A stray quote makes one record out of many lines. It costs its own line; those after it are read afresh.
                    from = await LineStarts.AfterAsync(path, record.Offset, record.Line, cancellationToken);
                    break;
                }
            }
        }
    }

    internal static FileStream OpenFile(string path, long offset = 0)
    {
        var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Open,
            Access = FileAccess.Read,
            Share = FileShare.Read | FileShare.Delete,
            Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            BufferSize = 0,    // the CSV reader has its own
        });
        file.Position = offset;
        return file;
    }

    private static async IAsyncEnumerable<(CsvRecord Record, bool Broken)> ReadFromAsync(
        string path, ProductColumns columns, long offset, long line, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var quoting = new QuotingTrouble();
        await using var file = OpenFile(path, offset);
        await using var reader = CsvReader.Create(file, new CsvReaderOptions
        {
            Separator = columns.Separator,
            HasHeader = offset == 0,
            MaxRecordSize = MaxRecordBytes,
            TrackLineNumbers = true,
            OnMalformedRecord = quoting.Note,
        });

        while (true)
        {
            CsvRecord? tooLong = null;
            try
            {
                if (!await reader.ReadAsync(cancellationToken))
                {
                    yield break;
                }
            }
            catch (CsvFormatException exception)
            {
                tooLong = new CsvRecord(offset + exception.ByteOffset, line + exception.LineNumber - 1, null,
                    $"the row is longer than {MaxRecordBytes:N0} bytes; is a quote not closed?");
            }

            if (tooLong is { } record)
            {
                yield return (record, Broken: true);
                yield break;
            }

            var problem = quoting.Of(reader);
            var product = problem is null ? ProductRow.Read(reader, columns, out problem) : null;
            yield return (new CsvRecord(offset + reader.ByteOffset, line + reader.LineNumber - 1, product, problem),
                quoting.SpansLines(reader));
        }
    }

    /// <summary>Remembers what the reader says about the quoting of the record that comes next.</summary>
    private sealed class QuotingTrouble
    {
        private CsvMalformedRecord? _last;

        public void Note(CsvMalformedRecord record) => _last = record;

        public string? Of(CsvReader reader) => !Concerns(reader) ? null : _last!.Value.Reason switch
        {
            CsvMalformedReason.StrayQuote => "a quote inside a field without quotes",
            CsvMalformedReason.TextAfterClosingQuote => "text after a closing quote",
            CsvMalformedReason.UnterminatedQuote => "a quote that is never closed",
            var other => other.ToString(),
        };

        public bool SpansLines(CsvReader reader) => Concerns(reader) && reader.RawRecord.IndexOfAny((byte)'\n', (byte)'\r') >= 0;

        private bool Concerns(CsvReader reader) => _last?.LineNumber == reader.LineNumber;
    }
}
