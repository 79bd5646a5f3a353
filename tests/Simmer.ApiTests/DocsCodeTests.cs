using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Simmer.ApiTests;

/// <summary>The code in the docs compiles. Each block says in a comment before it what it is: <c>&lt;!-- code: program --&gt;</c> and so
/// on.</summary>
public sealed partial class DocsCodeTests
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.Linq;
        global using System.Threading; global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.Data.Sqlite; global using Microsoft.AspNetCore.Http;
        global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting;
        global using Microsoft.EntityFrameworkCore; global using Microsoft.EntityFrameworkCore.Storage;
        global using Simmer; global using Docs.Prelude;
        """;

    private static readonly Lazy<MetadataReference[]> s_references = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static p => MetadataReference.CreateFromFile(p))]);

    private static string Root =>
        typeof(DocsCodeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!;

    public static TheoryData<string, int> Blocks()
    {
        var data = new TheoryData<string, int>();
        foreach (var page in Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md")))
        {
            for (var i = 0; i < Fence().Count(File.ReadAllText(page)); i++)
            {
                data.Add(Path.GetRelativePath(Root, page), i);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void The_code_compiles(string page, int block)
    {
        var match = Fence().Matches(File.ReadAllText(Path.Combine(Root, page)))[block];
        match.Groups["kind"].Success
            .ShouldBeTrue($"Block {block + 1} of {page} does not say what it is: put <!-- code: program --> (or services, queues, "
            + "endpoints, statements, types) before it.");

        var errors = Compile(Wrap(match.Groups["kind"].Value, match.Groups["code"].Value));

        errors.ShouldBeEmpty($"{page}, block {block + 1}");
    }

    private static string Wrap(string kind, string code) => kind switch
    {
        "program" => code,
        "services" => "var builder = WebApplication.CreateBuilder();\n" + code,
        "queues" => "WebApplication.CreateBuilder().Services.AddSimmer().UseSqlite(\"Data Source=app.db\")\n" + code + ";",
        "endpoints" => "var app = WebApplication.CreateBuilder().Build();\n" + code,
        "statements" =>
            "IJobClient jobs = null!; ShopContext db = null!; var order = new Order(Guid.NewGuid()); CancellationToken ct = default;\n"
                + code,
        "types" => "return;\n" + code,
        _ => throw new ArgumentException($"'{kind}' is not a kind of code block."),
    };

    private static string[] Compile(string code)
    {
        using var prelude = new StreamReader(typeof(DocsCodeTests).Assembly.GetManifestResourceStream("Prelude.cs")!);
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        return
        [
            .. CSharpCompilation.Create(
                "Docs",
                [CSharpSyntaxTree.ParseText(Usings, options), CSharpSyntaxTree.ParseText(prelude.ReadToEnd(), options),
                    CSharpSyntaxTree.ParseText(code, options)],
                s_references.Value,
                new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable))
            .GetDiagnostics()
            .Where(static d => d.Severity == DiagnosticSeverity.Error)
            .Select(static d => d.ToString()),
        ];
    }

    [GeneratedRegex(@"(<!-- code: (?<kind>\w+) -->\r?\n)?^```csharp\r?\n(?<code>.*?)^```",
        RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
