using Spectre.Console;

namespace Peers.Installing;

/// <summary>The peers from npm, beside the scripts that use them in the folder of the built program.</summary>
internal static class NodePackages
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Node");

    public static async Task NeedAsync(CancellationToken cancellationToken)
    {
        var wanted = await File.ReadAllTextAsync(Path.Combine(s_folder, "package-lock.json"), cancellationToken);
        var mark = Path.Combine(s_folder, "node_modules", ".installed");
        if (File.Exists(mark) && await File.ReadAllTextAsync(mark, cancellationToken) == wanted)
        {
            return;
        }

        AnsiConsole.MarkupLine("[grey]installing the packages from npm[/]");
        await Shell.RunAsync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], cancellationToken, s_folder);
        await File.WriteAllTextAsync(mark, wanted, cancellationToken);
    }
}
