using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Simmer.AspNetCore.Jobs;
using Simmer.AspNetCore.Workflows;

namespace Simmer.AspNetCore;

/// <summary>The JSON contracts of everything that this assembly writes, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(UntoldJobView))]
[JsonSerializable(typeof(WorkflowView))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class WebJson : JsonSerializerContext;

/// <summary>States are written as <c>ready</c>, <c>running</c>, <c>succeeded</c>.</summary>
internal sealed class JobStateConverter() : JsonStringEnumConverter<JobState>(JsonNamingPolicy.CamelCase);

/// <summary>States are written as <c>running</c>, <c>succeeded</c>.</summary>
internal sealed class WorkflowStateConverter() : JsonStringEnumConverter<WorkflowState>(JsonNamingPolicy.CamelCase);

/// <summary>Rules are written as <c>anyFailed</c>, <c>allDone</c>.</summary>
internal sealed class StepRuleConverter() : JsonStringEnumConverter<StepRule>(JsonNamingPolicy.CamelCase);

/// <summary>Roles are written as <c>undo</c>, <c>onFailure</c>.</summary>
internal sealed class StepRoleConverter() : JsonStringEnumConverter<StepRole>(JsonNamingPolicy.CamelCase);

/// <summary>JSON that is written as it is stored, neither parsed nor copied.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);

internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new RawJson(System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetRawText()));
    }

    // Not validated, because the engine's own serializer has written it.
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
