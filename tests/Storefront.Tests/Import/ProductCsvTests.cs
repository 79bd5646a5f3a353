using System.Text;
using Storefront.Import;
using Storefront.Tests.App;

namespace Storefront.Tests.Import;

public sealed class ProductCsvTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string, string> Files => new()
    {
        { "plain", "sku,name,price,stock\nA,one,1,1\nB,two,2,2\nC,three,3,3\n" },
        { "windows, no last line break", "sku,name,price,stock\r\nA,one,1,1\r\nB,two,2,2\r\nC,three,3,3" },
        { "byte order mark", "\ufeffsku,name,price,stock\r\nA,one,1,1\r\nB,two,2,2\r\n" },
        { "line breaks in quotes", "sku,name,price,stock\r\nA,\"one\r\nmore\",1,1\r\nB,\"two \"\"and\"\"\nmore\",2,2\r\nC,three,3,3\r\n" },
        { "letters of more than one byte", "sku,name,price,stock\nA,Crème brûlée,1,1\nB,日本の鍋,2,2\nC,🍲,3,3\n" },
        { "empty lines", "sku,name,price,stock\n\nA,one,1,1\n\n\r\n\nB,two,2,2\n\n" },
        { "other order, semicolons", "stock;price;name;sku\n1;1;one;A\n2;2;two, too;B\n" },
        { "bad rows", "sku,name,price,stock\nA,one,x,1\nB,two,2,2\nC,three,3\n,four,4,4\nE,five,5,-1\nF,six,6.123,6\nG,seven,7,7\n" },
        { "a stray quote", "sku,name,price,stock\nA,5\" pipe,1,1\nB,\"two,2,2\nC,three,3,3\nD,\"four,4,4\nE,five,5,5\n" },
        { "a quote that is never closed", "sku,name,price,stock\nA,one,1,1\nB,\"two,2,2\nC,three,3,3\nD,four,4,4\n" },
        { "a quote that is never closed in a long file",
            "sku,name,price,stock\nA,one,1,1\nB,\"two,2,2\n" + string.Concat(Enumerable.Range(0, 5_000).Select(n => $"C{n},three,3,3\n")) },
        { "an endless line", "sku,name,price,stock\nA,one,1,1\nB," + new string('x', 200_000) + ",2,2\nC,three,3,3\n" },
        { "nothing but the header", "sku,name,price,stock\n" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task ReadingResumesAtAnyRecordWithTheSameRest(string name, string csv)
    {
        var path = Write(Encoding.UTF8.GetBytes(csv));
        var all = await ReadAsync(path, 0, 1);

        // Every record of a short file, some of a long one.
        foreach (var index in Enumerable.Range(0, all.Count).Where(index => index < 20 || index % 1_000 == 0))
        {
            var rest = await ReadAsync(path, all[index].Offset, all[index].Line);
            rest.ShouldBe(all[index..], $"{name}, from record {index}");
        }
    }

    [Theory]
    [InlineData("a stray quote", "2 ! a quote inside a field without quotes", "3 ! text after a closing quote", "4 C",
        "5 ! a quote that is never closed", "6 E")]
    [InlineData("a quote that is never closed", "2 A", "3 ! a quote that is never closed", "4 C", "5 D")]
    [InlineData("an endless line", "2 A", "3 ! the row is longer than 65,536 bytes; is a quote not closed?", "4 C")]
    [InlineData("line breaks in quotes", "2 A", "4 B", "6 C")]
    [InlineData("other order, semicolons", "2 A", "3 B")]
    [InlineData("bad rows", "2 ! the price 'x' is not a number such as 12.50", "3 B", "4 ! 3 fields, the header has 4",
        "5 ! the sku is empty",
        "6 ! the stock -1 is negative", "7 ! the price 6.123 has more than two decimals", "8 G")]
    [InlineData("nothing but the header")]
    public async Task ABadRowCostsItsOwnLine(string name, params string[] expected)
    {
        var csv = Files.Single(row => row.Data.Item1 == name).Data.Item2;

        var records = await ReadAsync(Write(Encoding.UTF8.GetBytes(csv)), 0, 1);

        records.Select(record => $"{record.Line} {record.Product?.Sku ?? "! " + record.Problem}").ShouldBe(expected);
    }

    [Fact]
    public async Task ARowThatIsNotUtf8IsBadAndTheOthersAreNot()
    {
        byte[] latin1 = [.. "sku,name,price,stock\nA,Cr"u8, 0xE8, .. "me,1,1\nB,two,2,2\n"u8];

        var records = await ReadAsync(Write(latin1), 0, 1);

        records.Select(record => record.Problem).ShouldBe(["not UTF-8", null]);
    }

    [Fact]
    public async Task AFileInUtf16IsRefusedWithAdvice()
    {
        var path = Write([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("sku,name,price,stock\n")]);

        (await Should.ThrowAsync<InvalidCsvException>(ReadAsync(path, 0, 1))).Message.ShouldContain("UTF-8");
    }

    [Fact]
    public async Task AnUnclosedQuoteInAHugeLineDoesNotFillTheMemory()
    {
        var path = Write([.. "sku,name,price,stock\nA,one,1,1\nB,\""u8, .. new byte[50_000_000], .. "\nC,three,3,3\n"u8]);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var records = await ReadAsync(path, 0, 1);

        records.Select(record => record.Product?.Sku).ShouldBe(["A", null, "C"]);
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(5_000_000);
    }

    private string Write(byte[] bytes)
    {
        var path = _directory[$"{Guid.NewGuid():N}.csv"];
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static async Task<List<CsvRecord>> ReadAsync(string path, long offset, long line)
    {
        var records = new List<CsvRecord>();
        await foreach (var record in ProductCsv.ReadAsync(path, offset, line, TestContext.Current.CancellationToken))
        {
            records.Add(record);
        }

        return records;
    }
}
