namespace Storefront.Import;

/// <summary>Finds the line after a byte, without understanding what is in between.</summary>
internal static class LineStarts
{
    /// <returns>The start of the next line, or <see langword="null"/> if the file ends before.</returns>
    public static async Task<(long Offset, long Line)?> AfterAsync(string path, long offset, long line, CancellationToken cancellationToken)
    {
        await using var file = ProductCsv.OpenFile(path, offset);
        var buffer = new byte[16 * 1024];
        while (await file.ReadAsync(buffer, cancellationToken) is var length and > 0)
        {
            var end = buffer.AsSpan(0, length).IndexOf((byte)'\n');
            if (end >= 0)
            {
                return (offset + end + 1, line + 1);
            }

            offset += length;
        }

        return null;
    }
}
