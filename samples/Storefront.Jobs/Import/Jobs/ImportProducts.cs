using Simmer;

namespace Storefront.Import;

/// <summary>Imports an uploaded file into the shop's database. The record names the import, not its content: jobs are small.</summary>
[Job("import-products", Queue = "imports", TimeLimitSeconds = 6 * 60 * 60)]
public sealed record ImportProducts(long Import) : IJob<ImportReport>;

/// <summary>The result of an import.</summary>
/// <param name="Imported">Rows imported.</param>
/// <param name="Bad">Rows refused.</param>
/// <param name="FirstBadRows">The first 100 of them.</param>
public sealed record ImportReport(long Imported, long Bad, IReadOnlyList<BadRow> FirstBadRows);

/// <summary>A row that was refused.</summary>
/// <param name="Line">Its line in the file, from 1, as an editor shows it.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record BadRow(long Line, string Reason);
