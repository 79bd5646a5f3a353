namespace Storefront.Import;

/// <summary>One record of a file: a product, or what is wrong with it.</summary>
/// <param name="Offset">The byte it starts at.</param>
/// <param name="Line">The line it starts on, from 1.</param>
/// <param name="Product">The product, if the record is one.</param>
/// <param name="Problem">Otherwise: what is wrong, for the person who made the file.</param>
public readonly record struct CsvRecord(long Offset, long Line, Product? Product, string? Problem);
