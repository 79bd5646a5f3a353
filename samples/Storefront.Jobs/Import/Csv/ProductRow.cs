using System.Text.Unicode;
using CsvHelper;

namespace Storefront.Import;

/// <summary>Parses one row. Its messages help the person who made the file.</summary>
internal static class ProductRow
{
    public static Product? Read(CsvReader reader, ProductColumns columns, out string? problem)
    {
        problem = Check(reader, columns, out var price, out var stock);
        return problem is null
            ? new Product(reader.GetString(columns.Sku).Trim(), reader.GetString(columns.Name).Trim(), (long)(price * 100), stock)
            : null;
    }

    private static string? Check(CsvReader reader, ProductColumns columns, out decimal price, out long stock)
    {
        (price, stock) = (0, 0);
        return reader.FieldCount != columns.Count ? $"{reader.FieldCount} fields, the header has {columns.Count}"
            : !Utf8.IsValid(reader.RawRecord) ? "not UTF-8"
            : reader.GetSpan(columns.Sku).Trim((byte)' ').IsEmpty ? "the sku is empty"
            : reader.GetSpan(columns.Name).Trim((byte)' ').IsEmpty ? "the name is empty"
            : !reader.TryParse(columns.Price, out price) ? $"the price '{Shown(reader, columns.Price)}' is not a number such as 12.50"
            : price is < 0 or > 1_000_000 ? $"the price {price} is not between 0 and 1,000,000"
            : decimal.Round(price, 2) != price ? $"the price {price} has more than two decimals"
            : !reader.TryParse(columns.Stock, out stock) ? $"the stock '{Shown(reader, columns.Stock)}' is not a whole number"
            : stock < 0 ? $"the stock {stock} is negative"
            : null;
    }

    private static string Shown(CsvReader reader, int column)
    {
        var text = reader.GetString(column);
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
