using System.Text;
using Dapper;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Storefront.Import;
using Storefront.Shared;
using Storefront.Tests.App;

namespace Storefront.Tests.Import;

/// <summary>The importer on its own: no jobs, no HTTP.</summary>
public sealed class ImporterTests : IDisposable
{
    private const int Rows = 4_500;

    private readonly TemporaryDirectory _directory = new();
    private readonly ShopDatabase _shop;
    private readonly ImportStore _imports;
    private readonly UploadFolder _uploads;
    private readonly Importer _importer;

    public ImporterTests()
    {
        var data = DataDirectory.Open(
            new ConfigurationBuilder().AddInMemoryCollection([new("Storefront:DataDirectory", _directory.Path)]).Build(),
            Host.CreateEmptyApplicationBuilder(new() { ContentRootPath = _directory.Path }).Environment);
        _shop = new ShopDatabase(data);
        _imports = new ImportStore(_shop, TimeProvider.System);
        _uploads = new UploadFolder(data);
        _importer = new Importer(new BatchWriter(_shop), _imports, _uploads);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AnImportStoppedAfterEachBatchImportsEveryRowOnce()
    {
        var import = await AddAsync(Csv());
        var attempts = 0;
        ImportReport? report = null;
        while (report is null)
        {
            attempts++;
            using var stop = new CancellationTokenSource();
            try
            {
                report = await _importer
                    .RunAsync((await _imports.FindAsync(import, CancellationToken.None))!,
                    new OnProgress(checkpoint => StopAfter(checkpoint, stop)), stop.Token);
            }
            catch (OperationCanceledException)
            {
                // The next attempt begins at the checkpoint.
            }
        }

        attempts.ShouldBe((Rows / Importer.BatchSize) + 1);
        (report.Imported, report.Bad).ShouldBe((Rows - 45, 45));
        report.FirstBadRows.Select(row => row.Line).ShouldBe(Enumerable.Range(1, 45).Select(number => number * 150L));
        (await CountAsync("SELECT count(*) FROM products")).ShouldBe(Rows - 45);
        (await CountAsync("SELECT count(DISTINCT sku) FROM products")).ShouldBe(Rows - 45);
    }

    [Fact]
    public async Task ProgressMovesForwardsBatchByBatch()
    {
        var import = (await _imports.FindAsync(await AddAsync(Csv()), CancellationToken.None))!;
        var seen = new List<Checkpoint>();

        await _importer.RunAsync(import, new OnProgress(seen.Add), CancellationToken.None);

        seen.Count.ShouldBe((Rows / Importer.BatchSize) + 1);
        seen.Select(checkpoint => checkpoint.Offset).ShouldBeInOrder();
        seen.Select(checkpoint => checkpoint.Imported + checkpoint.Bad).ShouldBe([1_000, 2_000, 3_000, 4_000, 4_500]);
        seen[^1].ShouldBe(new Checkpoint(import.Bytes, seen[^1].Line, Rows - 45, 45, Finished: true));
    }

    [Fact]
    public async Task AnAttemptThatWokeUpLateWritesNothing()
    {
        var late = (await _imports.FindAsync(await AddAsync(Csv()), CancellationToken.None))!;
        await _importer.RunAsync(late, new OnProgress(_ => { }), CancellationToken.None);

        await Should.ThrowAsync<InvalidOperationException>(_importer.RunAsync(late, new OnProgress(_ => { }), CancellationToken.None));

        (await CountAsync("SELECT count(*) FROM products")).ShouldBe(Rows - 45);
    }

    [Fact]
    public async Task AFinishedImportReportsAgainWithoutItsFile()
    {
        var import = await AddAsync(Csv());
        var first = await _importer
            .RunAsync((await _imports.FindAsync(import, CancellationToken.None))!, new OnProgress(_ => { }), CancellationToken.None);
        var finished = (await _imports.FindAsync(import, CancellationToken.None))!;
        _uploads.Discard(finished.File);

        var second = await _importer.RunAsync(finished, new OnProgress(_ => { }), CancellationToken.None);

        (second.Imported, second.Bad, second.FirstBadRows.Count).ShouldBe((first.Imported, first.Bad, first.FirstBadRows.Count));
    }

    [Fact]
    public async Task OfManyBadRowsTheFirstHundredAreKeptAndAllAreCounted()
    {
        var csv = "sku,name,price,stock\n" + string.Concat(Enumerable.Range(1, 2_345).Select(row => $"S-{row},Bowl,free,1\n"));

        var report = await _importer
            .RunAsync((await _imports.FindAsync(await AddAsync(csv), CancellationToken.None))!, new OnProgress(_ => { }),
            CancellationToken.None);

        (report.Imported, report.Bad).ShouldBe((0, 2_345));
        report.FirstBadRows.Select(row => row.Line).ShouldBe(Enumerable.Range(2, 100).Select(line => (long)line));
    }

    private static void StopAfter(Checkpoint checkpoint, CancellationTokenSource stop)
    {
        if (!checkpoint.Finished)
        {
            stop.Cancel();
        }
    }

    private static string Csv() =>
        // Every second row is on two lines, so that lines and rows differ.
        "sku,name,price,stock\n" + string.Concat(Enumerable.Range(1, Rows).Select(row =>
            $"S-{row},{(row % 2 == 0 ? "\"Bowl,\nlarge\"" : "Bowl")},{(row % 100 == 0 ? "free" : "1.00")},1\n"));

    private async Task<long> AddAsync(string csv)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(csv));
        var (file, bytes) = await _uploads.SaveAsync(body, CancellationToken.None);
        return await _imports.AddAsync(Guid.CreateVersion7(), "test.csv", file, bytes, CancellationToken.None);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = await _shop.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>(sql);
    }

    private sealed class OnProgress(Action<Checkpoint> report) : IProgress<Checkpoint>
    {
        public void Report(Checkpoint value) => report(value);
    }
}
