using System.Reflection;

namespace Simmer.ApiTests;

/// <summary>The folders of a project do not use one another in a circle, so that there is an order in which to read them.</summary>
public sealed class FolderTests
{
    private static string Source => Path.Combine(
        typeof(FolderTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!, "src");

    public static TheoryData<string> Projects() =>
        [.. Directory.EnumerateFiles(Source, "*.csproj", SearchOption.AllDirectories)
            .Select(static p => Path.GetFileNameWithoutExtension(p))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_do_not_use_one_another_in_a_circle(string project)
    {
        var arrows = new FolderArrows(project, Files(Path.Combine(Source, project)));

        arrows.Unknown.ShouldBeEmpty("the compiler must find every type of the project, or a use is missed");
        arrows.Circles().ShouldBeEmpty(
            "these folders use one another in a circle: move a type to the folder below, or give the lower one an interface");
    }

    [Fact]
    public void A_circle_is_found_by_the_types_used_and_named()
    {
        var arrows = new FolderArrows("Some",
        [
            ("Upper/A.cs", "namespace Some; class A { object B() => Some.Lower.C.Make(); }"),
            ("Upper/Sub/D.cs", "namespace Some; static class D { public static int Size(this string s) => 1; }"),
            ("Upper/Sub/E.cs", "namespace Some; class E : A { }"),
            ("Lower/C.cs", "namespace Some.Lower; class C { public static C Make() => new(); int F() => \"\".Size(); }"),
            ("Program.cs", "namespace Some; class P { A a = new(); }"),
        ]);

        arrows.Circles().ShouldBe(
        [
            string.Join(Environment.NewLine,
                "Lower → Upper/Sub (C uses D)", "Upper/Sub → Upper (E uses A)", "Upper → Lower (A uses C)"),
        ]);
    }

    private static IEnumerable<(string Path, string Text)> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => (Path: Path.GetRelativePath(folder, path), Text: File.ReadAllText(path)))
            .Where(static file => file.Path.Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"));
}
