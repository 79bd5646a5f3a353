using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Simmer.ApiTests;

/// <summary>Which folders of a project use types of which others, resolved by the compiler.</summary>
/// <remarks>A folder and its sub-folder are two nodes, like any two folders, and the root of the project is a node. So it is a circle if a
/// sub-folder uses a type of the folder above it, and that uses a type of the sub-folder. A use is a name in code that stands for a type,
/// or for a member of one, whatever namespace it is in; what a comment refers to is no use.</remarks>
internal sealed class FolderArrows
{
    private const string ImplicitUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    private static readonly Lazy<MetadataReference[]> s_references = new(static () =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(static p => MetadataReference.CreateFromFile(p))]);

    private readonly SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> _arrows = new(StringComparer.Ordinal);

    /// <summary>Reads a project.</summary>
    /// <param name="assembly">The name of its assembly, by which it may use what others keep internal.</param>
    /// <param name="sources">Its files: path below the project's folder, and text.</param>
    public FolderArrows(string assembly, IEnumerable<(string Path, string Text)> sources)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, options, s.Path)).ToList();
        var compilation = CSharpCompilation.Create(assembly, trees.Append(CSharpSyntaxTree.ParseText(ImplicitUsings, options)),
            s_references.Value, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary,
                nullableContextOptions: NullableContextOptions.Enable, allowUnsafe: true));

        // CS0246, CS0234 and CS0103 say that a name is not known. Those of packages that the tests do not refer to are no matter.
        var own = trees.SelectMany(static t => t.GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
            .Select(static t => t.Identifier.Text).ToHashSet(StringComparer.Ordinal);
        Unknown = [.. compilation.GetDiagnostics()
            .Where(d => d.Id is "CS0246" or "CS0234" or "CS0103"
                && own.Contains(d.Location.SourceTree!.GetText().ToString(d.Location.SourceSpan).Split('<')[0]))
            .Select(static d => d.ToString())];
        foreach (var tree in trees)
        {
            Read(tree, compilation.GetSemanticModel(tree));
        }
    }

    /// <summary>Names of the project's own types that the compiler does not find; a use by one of them is missed.</summary>
    public IReadOnlyList<string> Unknown { get; }

    /// <summary>All arrows, each with the types that make it.</summary>
    public IEnumerable<string> All => _arrows.SelectMany(a => a.Value.Keys.Select(to => Describe(a.Key, to, int.MaxValue)));

    /// <summary>For each knot of folders that use one another in a circle, a shortest circle, each arrow with types that make it.</summary>
    public IReadOnlyList<string> Circles()
    {
        var circles = new List<string>();
        var told = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in _arrows.Keys)
        {
            if (!told.Contains(folder) && ShortestCircle(folder) is { } circle)
            {
                told.UnionWith(circle);
                circles.Add(string.Join(Environment.NewLine,
                    circle.Zip(circle.Skip(1).Append(circle[0]), (from, to) => Describe(from, to, 5))));
            }
        }

        return circles;
    }

    private string Describe(string from, string to, int most)
    {
        var uses = _arrows[from][to];
        return $"{from} → {to} ({string.Join(", ", uses.Take(most))}{(uses.Count > most ? $", and {uses.Count - most} more" : "")})";
    }

    private List<string>? ShortestCircle(string start)
    {
        var cameFrom = new Dictionary<string, string>(StringComparer.Ordinal);
        var next = new Queue<string>([start]);
        while (next.TryDequeue(out var folder))
        {
            foreach (var to in _arrows.TryGetValue(folder, out var arrows) ? arrows.Keys.AsEnumerable() : [])
            {
                if (to == start)
                {
                    var circle = new List<string> { folder };
                    while (circle[0] != start)
                    {
                        circle.Insert(0, cameFrom[circle[0]]);
                    }

                    return circle;
                }

                if (cameFrom.TryAdd(to, folder))
                {
                    next.Enqueue(to);
                }
            }
        }

        return null;
    }

    private void Read(SyntaxTree tree, SemanticModel model)
    {
        var from = FolderOf(tree.FilePath);
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            var symbol = node switch
            {
                SimpleNameSyntax => model.GetSymbolInfo(node).Symbol,

                // The constructor, the type of a new() and an indexer have no name in the code.
                ImplicitObjectCreationExpressionSyntax or ElementAccessExpressionSyntax => model.GetSymbolInfo(node).Symbol,
                _ => null,
            };
            if (symbol is null or INamespaceSymbol or ITypeParameterSymbol or ILocalSymbol or IParameterSymbol)
            {
                continue;
            }

            if (symbol is IAliasSymbol alias)
            {
                symbol = alias.Target;
            }

            var used = (symbol as IMethodSymbol)?.ReducedFrom ?? symbol;
            var files = used.OriginalDefinition.Locations.Where(static l => l.IsInSource).Select(static l => l.SourceTree!.FilePath)
                .ToList();
            if (files.Count == 0 || files.Exists(f => FolderOf(f) == from))
            {
                continue;
            }

            var name = (used as INamedTypeSymbol ?? used.ContainingType)?.Name ?? used.Name;
            Add(from, FolderOf(files[0]), $"{Path.GetFileNameWithoutExtension(tree.FilePath)} uses {name}");
        }
    }

    private void Add(string from, string to, string use)
    {
        var arrows = _arrows.TryGetValue(from, out var known) ? known : _arrows[from] = new(StringComparer.Ordinal);
        _ = (arrows.TryGetValue(to, out var uses) ? uses : arrows[to] = new(StringComparer.Ordinal)).Add(use);
    }

    private static string FolderOf(string path) =>
        Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder.Replace('\\', '/') : "(root)";
}
