using Spectre.Console;

namespace Peers.Installing;

internal static class DebianPackages
{
    private const string Apt = "apt-get";

    public static async Task NeedAsync(IReadOnlyCollection<string> missing, CancellationToken cancellationToken)
    {
        if (missing.Count == 0)
        {
            return;
        }

        var list = string.Join(' ', missing);
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException(
                $"Some peers need packages that are missing here. Run  sudo apt-get install {list}  or leave them out with --only.");
        }

        AnsiConsole.MarkupLineInterpolated($"[grey]installing {list}[/]");
        await Shell.RunAsync(Apt, ["update", "-qq"], cancellationToken);
        await Shell.RunAsync(Apt, ["install", "-y", "-qq", "--no-install-recommends", .. missing], cancellationToken);
    }
}
