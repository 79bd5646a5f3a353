using System.Reflection;

namespace Simmer.ApiTests.Overloads;

/// <summary>The overloads that differ only in their parameters come from a generator, and what it writes is checked in. After a change of
/// the generator: <c>SIMMER_UPDATE_OVERLOADS=1 dotnet run --project tests/Simmer.ApiTests -- -class "*OverloadTests"</c>.</summary>
public sealed class OverloadTests
{
    private static string Root =>
        typeof(OverloadTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Root").Value!;

    private static IEnumerable<GeneratedFile> Files => [.. AddJobOverloads.Files(), .. AddTaskOverloads.Files()];

    public static TheoryData<string> Paths() => [.. Files.Select(static f => f.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task The_overloads_are_what_their_generator_writes(string path)
    {
        var file = Path.Combine(Root, path);
        var written = Files.Single(f => f.Path == path).Text;
        if (Environment.GetEnvironmentVariable("SIMMER_UPDATE_OVERLOADS") == "1")
        {
            await File.WriteAllTextAsync(file, written, TestContext.Current.CancellationToken);
        }

        var checkedIn = File.Exists(file)
            ? (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n")
            : string.Empty;
        checkedIn.ShouldBe(written, $"{path} is not what its generator writes. After a change of the generator: {GeneratedFile.Command}");
    }
}
