using System.Reflection;
using System.Text.RegularExpressions;

namespace Simmer.ApiTests;

/// <summary>What the house asks of every source file.</summary>
public sealed partial class HouseTests
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

    /// <summary>The numbers of states stand in <c>JobStates</c> and <c>WorkflowStates</c> alone, which tests compare with the states and
    /// their legal moves.</summary>
    [Theory]
    [InlineData("Simmer.Postgres")]
    [InlineData("Simmer.Sqlite")]
    public void No_state_in_SQL_is_a_bare_number(string project)
    {
        var folder = Path.Combine(Root, "src", project) + Path.DirectorySeparatorChar;
        Sources().Where(path => path.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(path => StateNumber().Matches(File.ReadAllText(path))
                .Select(match => $"{Path.GetRelativePath(Root, path)} has '{match.Value}'"))
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"\bstate (=|<>|<|>|IN|NOT IN|WHEN) ?\(?\d", RegexOptions.CultureInvariant)]
    private static partial Regex StateNumber();

    private static IEnumerable<string> Sources()
    {
        var separator = Path.DirectorySeparatorChar;
        return new[] { "src", "tests", "bench", "samples" }
            .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains($"{separator}obj{separator}", StringComparison.Ordinal)
                && !path.Contains($"{separator}bin{separator}", StringComparison.Ordinal));
    }
}
