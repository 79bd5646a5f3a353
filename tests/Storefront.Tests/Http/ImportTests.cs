using System.Net.Http.Headers;
using System.Text;
using Storefront.Tests.App;

namespace Storefront.Tests.Http;

public sealed class ImportTests(RunningShop running)
{
    private Shop Shop => running.Shop;

    [Fact]
    public async Task GoodRowsAreImportedAndBadOnesReportedWithTheirLines()
    {
        var job = await Shop.ImportAsync("""
            sku,name,price,stock
            A-1,Kettle,12.50,3
            A-2,"Mug, with
            two lines",9.00,10
            A-3,Pan,cheap,1
            A-4,,5.00,1

            A-5,Lid,5.00
            A-6,Ladle,4.10,7
            """);

        var finished = await Shop.FinishedAsync(job);

        finished.State().ShouldBe("succeeded", finished.ToString());
        var report = (await Shop.ImportAsync(job)).GetProperty("report");
        report.GetProperty("imported").GetInt64().ShouldBe(3);
        report.GetProperty("bad").GetInt64().ShouldBe(3);
        var bad = report.GetProperty("firstBadRows").EnumerateArray()
            .Select(row => $"{row.GetProperty("line").GetInt64()}: {row.GetProperty("reason").GetString()}");
        bad.ShouldBe(["5: the price 'cheap' is not a number such as 12.50", "6: the name is empty", "8: 3 fields, the header has 4"]);
        (await Shop.QueryAsync<long>("SELECT price_cents FROM products WHERE sku = 'A-1'")).ShouldBe(1250);
        (await Shop.QueryAsync<string>("SELECT name FROM products WHERE sku = 'A-2'")).ShouldBe("Mug, with\ntwo lines");
    }

    [Fact]
    public async Task AFileMayComeAsAForm()
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("not the file"), "comment");
        var file = new StringContent("sku,name,price,stock\nF-1,Sieve,3.00,1\n", Encoding.UTF8);
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        form.Add(file, "file", "from-a-form.csv");

        var job = await Shop.AcceptedAsync(await Shop.Http.PostAsync("/imports", form, TestContext.Current.CancellationToken));

        (await Shop.FinishedAsync(job)).State().ShouldBe("succeeded");
        var import = (await Shop.ImportAsync(job)).GetProperty("import");
        import.GetProperty("name").GetString().ShouldBe("from-a-form.csv");
        import.GetProperty("imported").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task AnUploadedFileIsGoneOnceItIsImported()
    {
        var job = await Shop.ImportAsync("sku,name,price,stock\nG-1,Sieve,3.00,1\n");
        var file = await Shop.QueryAsync<string>("SELECT file FROM imports WHERE job = @job", new { job = job.IdOf() });

        await Shop.FinishedAsync(job);

        File.Exists(Path.Combine(Shop.Data, file)).ShouldBeFalse();
    }

    [Fact]
    public async Task ALargerBodyThanTheServersLimitIsImported()
    {
        // Kestrel refuses more than 30,000,000 bytes; only the upload lifts that.
        var row = $",{new string('x', 60_000)},1.00,1\n";
        var csv = new StringBuilder("sku,name,price,stock\n");
        for (var number = 1; number <= 520; number++)
        {
            csv.Append("L-").Append(number).Append(row);
        }

        csv.Length.ShouldBeGreaterThan(30_000_000);
        var job = await Shop.ImportAsync(csv.ToString());

        (await Shop.FinishedAsync(job)).State().ShouldBe("succeeded");
        (await Shop.ImportedAsync(job)).ShouldBe(520);
    }

    [Fact]
    public async Task ARunningImportIsCancelledAndContinuesWhereItWas()
    {
        const int Rows = 300_000;
        var job = await Shop.ImportSampleAsync(await Shop.MakeSampleAsync(Rows));
        await Eventually.TrueAsync("some rows are in", async () => await Shop.ImportedAsync(job) > 0);

        (await Shop.Http.PostAsync($"{job.AbsolutePath}/cancel", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        (await Shop.FinishedAsync(job)).State().ShouldBe("cancelled");
        (await Shop.ImportedAsync(job)).ShouldBeInRange(1, Rows - 1_000);

        (await Shop.Http.PostAsync($"/imports/{job.IdOf()}/continue", null, TestContext.Current.CancellationToken))
            .EnsureSuccessStatusCode();
        await Shop.JobAsync(job, "has succeeded", status => status.State() == "succeeded");
        await Shop.EveryRowIsThereOnceAsync(job, Rows);
    }
}
