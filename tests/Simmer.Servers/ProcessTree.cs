using System.Globalization;

namespace Simmer.Servers;

/// <summary>Kills a process with all its children.</summary>
internal static class ProcessTree
{
    /// <summary>Ends when the children have ended; their parent is left to whoever started it.</summary>
    public static async Task KillAsync(int parent)
    {
        // It stands still while its children are counted, or it would start new ones.
        Signal.Stop.SendTo(parent);
        var children = ChildrenOf(parent);
        foreach (var process in children.Append(parent))
        {
            Signal.Kill.SendTo(process);
        }

        while (children.Exists(static c => Read(c) is not (null or { State: "Z" })))
        {
            await Task.Delay(10);
        }
    }

    private static List<int> ChildrenOf(int parent) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(static d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Read(id)?.Parent == parent)];

    private static (string State, int Parent)? Read(int process)
    {
        try
        {
            // After the program's name, which is in brackets and may contain anything.
            var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
            return (fields[0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
