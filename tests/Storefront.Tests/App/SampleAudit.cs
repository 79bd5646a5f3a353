namespace Storefront.Tests.App;

/// <summary>Looks into the database whether each row of a generated file is there exactly once.</summary>
public static class SampleAudit
{
    // The generator makes every 10,000th row bad; the header is line 1, so row n is on line n + 1.
    public static async Task EveryRowIsThereOnceAsync(this Shop shop, Uri job, int rows)
    {
        var import = await shop.QueryAsync<long>("SELECT id FROM imports WHERE job = @job", new { job = job.IdOf() });
        var good = rows - (rows / 10_000);
        (await shop.QueryAsync<long>("SELECT count(*) FROM products WHERE import = @import", new { import })).ShouldBe(good);
        (await shop.QueryAsync<long>("SELECT count(DISTINCT sku) FROM products WHERE import = @import", new { import })).ShouldBe(good);
        (await shop.QueryAsync<long>("SELECT count(*) FROM products WHERE import = @import AND sku = printf('S-%08d', line - 1)",
            new { import })).ShouldBe(good);
        (await shop.QueryAsync<long>("SELECT imported FROM imports WHERE id = @import", new { import })).ShouldBe(good);
        (await shop.QueryAsync<long>("SELECT bad FROM imports WHERE id = @import", new { import })).ShouldBe(rows / 10_000);
        (await shop.QueryAsync<long>("SELECT count(*) FROM bad_rows WHERE import = @import AND (line - 1) % 10000 = 0", new { import }))
            .ShouldBe(rows / 10_000);
    }
}
