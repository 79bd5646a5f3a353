using CsvHelper;

namespace Storefront.Import;

/// <summary>Writes made-up products, one after another, to the disk. One row in 10,000 is bad on purpose.</summary>
public static class SampleWriter
{
    private static readonly string[] s_materials = ["Copper", "Cast iron", "Stoneware", "Beech", "Steel", "Enamel", "Marble", "Linen"];
    private static readonly string[] s_things =
        ["saucepan", "ladle", "mug, large", "chopping board", "whisk", "kettle", "mortar", "apron", "crème brûlée dish", "stockpot"];

    public static async Task WriteAsync(string path, int rows, Action<int> progress, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0,
            FileOptions.Asynchronous);
        await using var csv = CsvWriter.Create(file);
        await csv.WriteRecordAsync(["sku", "name", "price", "stock"], cancellationToken);
        for (var row = 1; row <= rows; row++)
        {
            Write(csv, row);
            await csv.EndRecordAsync(cancellationToken);
            if (row % 1_000 == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(row);
            }
        }

        await csv.FlushAsync(cancellationToken);
    }

    private static void Write(CsvWriter csv, int row)
    {
        csv.WriteField($"S-{row:D8}");
        csv.WriteField($"{s_materials[row % s_materials.Length]} {s_things[row / 7 % s_things.Length]} no. {row:N0}");
        csv.WriteField(row % 10_000 == 0 ? "ask us" : $"{1 + (row % 200)}.{row % 100:D2}");
        csv.WriteField($"{row % 500}");
    }
}
