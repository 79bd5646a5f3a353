namespace Storefront.Import;

/// <summary>One import as the shop's database knows it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Job">The job that does it.</param>
/// <param name="Name">The name that the user's file has.</param>
/// <param name="File">Where it is, from the data directory.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="Checkpoint">How far it has come.</param>
public sealed record ProductImport(long Id, Guid Job, string Name, string File, long Bytes, DateTimeOffset CreatedAt,
    Checkpoint Checkpoint);
