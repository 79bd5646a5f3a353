using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Simmer.Load.Measuring;
using Simmer.Load.Running;

namespace Simmer.Load.Reporting;

/// <summary>The report for programs.</summary>
internal static class LoadJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DictionaryKeyPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static void Write(FileInfo file, LoadPlan plan, IReadOnlyList<Measurement> measurements) =>
        File.WriteAllBytes(file.FullName, JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            At = DateTimeOffset.UtcNow,
            Machine = new { Environment.MachineName, Cores = Environment.ProcessorCount, Os = RuntimeInformation.OSDescription,
                Runtime = RuntimeInformation.FrameworkDescription },
            plan.Rounds,
            RoundSeconds = plan.Round.TotalSeconds,
            Measurements = measurements,
            Budget = Budget.Of(measurements),
        },
        s_options));
}
