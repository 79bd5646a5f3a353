using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class KilledImportTests
{
    private const int Rows = 300_000;

    [Fact]
    public async Task AnImportThatWasKilledTwiceGoesOnAndEveryRowIsThereOnce()
    {
        using var data = new TemporaryDirectory();
        Uri job;
        long before;
        using (var first = await Shop.StartAsync(data.Path))
        {
            job = await first.ImportSampleAsync(await first.MakeSampleAsync(Rows));
            before = await KillAfterAsync(first, job, 10_000);
        }

        using (var second = await Shop.StartAsync(data.Path))
        {
            job = new Uri(second.Address, job.AbsolutePath);
            (await KillAfterAsync(second, job, before + 10_000)).ShouldBeGreaterThan(before);
        }

        using var last = await Shop.StartAsync(data.Path);
        job = new Uri(last.Address, job.AbsolutePath);
        (await last.FinishedAsync(job)).State().ShouldBe("succeeded");
        await last.EveryRowIsThereOnceAsync(job, Rows);
    }

    /// <returns>How many rows were in when the process died.</returns>
    private static async Task<long> KillAfterAsync(Shop shop, Uri job, long imported)
    {
        await Eventually.TrueAsync($"{imported:N0} rows are in", async () => await shop.ImportedAsync(job) >= imported);
        shop.Kill();
        var left = await shop.QueryAsync<long>("SELECT imported FROM imports");
        left.ShouldBeInRange(imported, Rows - 1_000, "the kill came too late to mean anything");
        return left;
    }
}
