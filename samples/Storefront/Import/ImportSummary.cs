namespace Storefront.Import;

/// <summary>An import in the page's list.</summary>
public sealed record ImportSummary(Guid Job, string Name, long Bytes, DateTimeOffset CreatedAt, long Imported, long Bad, bool Finished)
{
    public static ImportSummary Of(ProductImport import) => new(
        import.Job, import.Name, import.Bytes, import.CreatedAt, import.Checkpoint.Imported, import.Checkpoint.Bad,
            import.Checkpoint.Finished);
}

/// <summary>An import with its bad rows.</summary>
public sealed record ImportDetails(ImportSummary Import, ImportReport Report);
