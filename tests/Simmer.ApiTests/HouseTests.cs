using System.Reflection;

namespace Simmer.ApiTests;

/// <summary>What the house asks of every source file.</summary>
public sealed class HouseTests
{
    private const int Widest = 140;

    private static string Root =>
        typeof(HouseTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!;

    [Fact]
    public void No_line_of_code_is_wider_than_140_columns()
    {
        var wide = new List<string>();
        foreach (var path in Sources())
        {
            var number = 0;
            foreach (var line in File.ReadLines(path))
            {
                number++;
                if (line.Length > Widest)
                {
                    wide.Add($"{Path.GetRelativePath(Root, path)}:{number} has {line.Length} columns");
                }
            }
        }

        wide.ShouldBeEmpty();
    }

    private static IEnumerable<string> Sources()
    {
        var separator = Path.DirectorySeparatorChar;
        return new[] { "src", "tests", "bench", "samples" }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{separator}obj{separator}", StringComparison.Ordinal)
                && !path.Contains($"{separator}bin{separator}", StringComparison.Ordinal));
    }
}
