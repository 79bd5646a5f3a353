using CsvHelper;

namespace Storefront.Import;

/// <summary>Where a file has its columns: read once from its header, and read again when an import resumes in the middle.</summary>
public sealed record ProductColumns(char Separator, int Count, int Sku, int Name, int Price, int Stock)
{
    private static readonly string[] s_required = ["sku", "name", "price", "stock"];

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidCsvException">The file is empty, not UTF-8, or lacks a column.</exception>
    public static async Task<ProductColumns> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = ProductCsv.OpenFile(path);
        await RefuseOtherEncodingsAsync(file, cancellationToken);
        await using var reader = CsvReader.Create(file, new CsvReaderOptions { MaxRecordSize = ProductCsv.MaxRecordBytes });
        try
        {
            await reader.ReadHeaderAsync(cancellationToken);
        }
        catch (CsvFormatException)
        {
            throw new InvalidCsvException(
                $"The first line is longer than {ProductCsv.MaxRecordBytes:N0} bytes; it must be the header: "
                + $"{string.Join(",", s_required)}.");
        }

        var missing = s_required.Where(column => !reader.TryGetFieldIndex(column, out _)).ToList();
        return missing is []
            ? new ProductColumns(reader.Separator, reader.Headers.Count, Index("sku"), Index("name"), Index("price"), Index("stock"))
            : throw new InvalidCsvException(
                $"The header lacks {string.Join(", ", missing)}. The first line must name the columns {string.Join(", ", s_required)}, "
                + "in any order.");

        int Index(string column) => reader.GetFieldIndex(column);
    }

    // Byte positions are valid only if the file is read as it is; the reader would convert UTF-16.
    private static async Task RefuseOtherEncodingsAsync(Stream file, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var length = await file.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        if (length == 2 && start is [0xFF, 0xFE] or [0xFE, 0xFF])
        {
            throw new InvalidCsvException("The file is UTF-16. Save it as \"CSV UTF-8\".");
        }

        file.Position = 0;
    }
}
