namespace Simmer.Servers;

/// <summary>Who runs the servers: PostgreSQL and PgBouncer refuse to run as root, so that there they run as the user that Debian made for
/// them.</summary>
internal static class ServiceUser
{
    private const string Name = "postgres";

    /// <summary>The command that runs another as that user, as the same process: without a shell or a session between.</summary>
    public static string[] Command(params string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={Name}", $"--regid={Name}", "--init-groups", .. command] : command;

    /// <summary>Gives a folder to that user alone.</summary>
    public static async Task GiveAsync(string folder)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await Tool.RunAsync("chown", $"{Name}:", folder);
        }

        await Tool.RunAsync("chmod", "700", folder);
    }
}
