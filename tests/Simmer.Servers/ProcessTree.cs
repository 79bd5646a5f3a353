using System.Globalization;

namespace Simmer.Servers;

/// <summary>Kills a process with all its children.</summary>
internal static class ProcessTree
{
    /// <summary>Kills the children of a process and waits for their end. The parent is left to the code that started it.</summary>
    public static async Task KillAsync(int parent)
    {
        // The parent is stopped while its children are listed, because otherwise it could start new ones.
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
