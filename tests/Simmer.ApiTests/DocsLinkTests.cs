using System.Reflection;
using System.Text.RegularExpressions;

namespace Simmer.ApiTests;

/// <summary>Links between the pages, and from the pages into the code, lead somewhere.</summary>
public sealed partial class DocsLinkTests
{
    private static string Root =>
        typeof(DocsLinkTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!;

    public static TheoryData<string> Pages() =>
    [
        .. Directory.EnumerateFiles(Root, "*.md").Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md"))
            .Concat(Directory.EnumerateFiles(Path.Combine(Root, "samples"), "*.md", SearchOption.AllDirectories))
            .Select(static page => Path.GetRelativePath(Root, page).Replace('\\', '/')),
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_leads_to_a_file_and_to_a_heading_of_it(string page)
    {
        var path = Path.Combine(Root, page);
        var broken = new List<string>();
        foreach (Match link in Link().Matches(File.ReadAllText(path)))
        {
            var (target, heading) = (link.Groups["target"].Value, link.Groups["heading"].Value);
            var file = target.Length == 0 ? path : Path.GetFullPath(target, Path.GetDirectoryName(path)!);
            if (!File.Exists(file) && !Directory.Exists(file))
            {
                broken.Add($"{link.Value}: there is no {Path.GetRelativePath(Root, file)}");
            }
            else if (heading.Length > 0 && !Headings(file).Contains(heading))
            {
                broken.Add($"{link.Value}: {Path.GetRelativePath(Root, file)} has no heading of that name");
            }
        }

        broken.ShouldBeEmpty(page);
    }

    // As GitHub names them: lower case, hyphens for blanks, no other punctuation.
    private static HashSet<string> Headings(string page) =>
    [
        .. Heading().Matches(File.ReadAllText(page))
            .Select(static m => NoName().Replace(m.Groups["text"].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-')),
    ];

    [GeneratedRegex(@"\]\((?!https?:|mailto:)(?<target>[^)#\s]*)(#(?<heading>[^)\s]+))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6}\s+(?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoName();
}
