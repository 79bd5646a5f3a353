using System.Globalization;

namespace Simmer.CrashTests;

/// <summary>The environment variables that control a run of these tests.</summary>
internal static class Settings
{
    /// <summary>SIMMER_SEED: repeats a run's choices.</summary>
    public static int Seed { get; } = Number("SIMMER_SEED") ?? Random.Shared.Next(1, 1_000_000);

    /// <summary>SIMMER_KILLS: how many processes are killed.</summary>
    /// <param name="otherwise">The number if the variable is not set.</param>
    public static int Kills(int otherwise) => Number("SIMMER_KILLS") ?? otherwise;

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;
}
