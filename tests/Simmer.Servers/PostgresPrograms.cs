using System.Globalization;

namespace Simmer.Servers;

/// <summary>Finds PostgreSQL's programs where Debian puts them, the newest version's.</summary>
internal static class PostgresPrograms
{
    private const string Versions = "/usr/lib/postgresql";

    /// <exception cref="InvalidOperationException">PostgreSQL's server is not installed.</exception>
    public static string Path(string program) =>
        (Directory.Exists(Versions) ? Directory.EnumerateDirectories(Versions) : [])
            .Where(static d => int.TryParse(System.IO.Path.GetFileName(d), CultureInfo.InvariantCulture, out _))
            .OrderByDescending(static d => int.Parse(System.IO.Path.GetFileName(d), CultureInfo.InvariantCulture))
            .Select(d => System.IO.Path.Combine(d, "bin", program))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException(
            $"PostgreSQL's '{program}' is not under {Versions}/*/bin. Run  sudo apt-get install postgresql , or ./test as root, which "
            + "does it.");
}
