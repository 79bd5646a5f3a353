using System.Reflection;
using PublicApiGenerator;

namespace Simmer.ApiTests;

/// <summary>The public API of every library is a checked-in text: a change to it is seen in review. Update it with
/// <c>SIMMER_UPDATE_API=1 dotnet run --project tests/Simmer.ApiTests</c>.</summary>
public sealed class PublicApiTests
{
    private static readonly ApiGeneratorOptions s_options = new()
    {
        IncludeAssemblyAttributes = false,
        DenyNamespacePrefixes = [],
        ExcludeAttributes = ["System.Runtime.CompilerServices.CompilerGeneratedAttribute"],
    };

    private static string Baselines => typeof(PublicApiTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Baselines").Value!;

    [Theory]
    [InlineData("Simmer")]
    [InlineData("Simmer.AspNetCore")]
    [InlineData("Simmer.EntityFrameworkCore")]
    [InlineData("Simmer.Postgres")]
    [InlineData("Simmer.Sqlite")]
    public async Task The_public_api_is_the_one_that_was_reviewed(string assembly)
    {
        var path = Path.Combine(Baselines, assembly + ".txt");
        var actual = Assembly.Load(assembly).GeneratePublicApi(s_options).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("SIMMER_UPDATE_API") == "1")
        {
            await File.WriteAllTextAsync(path, actual, TestContext.Current.CancellationToken);
        }

        var reviewed = File.Exists(path)
            ? (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n")
            : string.Empty;
        actual.ShouldBe(reviewed,
            $"The public API of {assembly} is not the one in {path}. If the change is meant: SIMMER_UPDATE_API=1 dotnet run --project "
            + "tests/Simmer.ApiTests");
    }
}
