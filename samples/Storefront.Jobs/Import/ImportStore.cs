using Dapper;
using Storefront.Shared;

namespace Storefront.Import;

/// <summary>The imports in the shop's database.</summary>
public sealed class ImportStore(ShopDatabase shop, TimeProvider clock)
{
    private const string Columns = "id, job, name, file, bytes, created_at AS createdAt, offset, line, imported, bad, finished";

    /// <summary>Notes an import before its job is enqueued.</summary>
    public async Task<long> AddAsync(Guid job, string name, string file, long bytes, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(
            "INSERT INTO imports (job, name, file, bytes, created_at) VALUES (@job, @name, @file, @bytes, @now) RETURNING id",
            new { job = job.ToString(), name, file, bytes, now = clock.GetUtcNow().ToString("O") }, cancellationToken: cancellationToken));
    }

    public async Task RemoveAsync(long id, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        await connection
            .ExecuteAsync(new CommandDefinition("DELETE FROM imports WHERE id = @id", new { id }, cancellationToken: cancellationToken));
    }

    public Task<ProductImport?> FindAsync(long id, CancellationToken cancellationToken) =>
        FindWhereAsync("id = @key", id, cancellationToken);

    public Task<ProductImport?> FindByJobAsync(Guid job, CancellationToken cancellationToken) =>
        FindWhereAsync("job = @key", job.ToString(), cancellationToken);

    /// <summary>The newest imports, newest first.</summary>
    public async Task<IReadOnlyList<ProductImport>> NewestAsync(int count, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM imports ORDER BY id DESC LIMIT @count", new { count }, cancellationToken: cancellationToken));
        return [.. rows.Select(row => row.ToImport())];
    }

    /// <summary>The totals of an import, with its first bad rows.</summary>
    public async Task<ImportReport> ReportAsync(ProductImport import, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var bad = await connection.QueryAsync<BadRow>(new CommandDefinition(
            "SELECT line, reason FROM bad_rows WHERE import = @id ORDER BY line", new { id = import.Id },
                cancellationToken: cancellationToken));
        return new ImportReport(import.Checkpoint.Imported, import.Checkpoint.Bad, [.. bad]);
    }

    private async Task<ProductImport?> FindWhereAsync(string condition, object key, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition(
            $"SELECT {Columns} FROM imports WHERE {condition}", new { key }, cancellationToken: cancellationToken));
        return row?.ToImport();
    }

    /// <summary>A row as SQLite has it.</summary>
    private sealed record Row(
        long Id, string Job, string Name, string File, long Bytes, string CreatedAt, long Offset, long Line, long Imported, long Bad,
            long Finished)
    {
        public ProductImport ToImport() => new(Id, Guid.Parse(Job), Name, File, Bytes, DateTimeOffset.Parse(CreatedAt),
            new Checkpoint(Offset, Line, Imported, Bad, Finished != 0));
    }
}
