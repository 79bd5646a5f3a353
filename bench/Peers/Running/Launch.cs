namespace Peers.Running;

/// <summary>How a process is started.</summary>
internal sealed record Launch(string Program, IReadOnlyList<string> Arguments)
{
    private static readonly string s_home = AppContext.BaseDirectory;

    /// <summary>Node.js 22, from npm: Debian's is older than what some peers ask for.</summary>
    public static Launch Node(string peer, string address) =>
        new(Path.Combine(s_home, "Node", "node_modules", "node", "bin", "node"),
            [Path.Combine(s_home, "Node", "serve.mjs"), peer, address]);

    /// <summary>Debian's Python, which has Debian's packages.</summary>
    public static Launch Python(string script, string argument) =>
        new("/usr/bin/python3", [Path.Combine(s_home, "Python", script), argument]);

    /// <summary>This same program.</summary>
    public static Launch This(params string[] arguments) => new("dotnet", [typeof(Launch).Assembly.Location, .. arguments]);
}
