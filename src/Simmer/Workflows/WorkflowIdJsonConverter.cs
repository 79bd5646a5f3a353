using System.Text.Json;
using System.Text.Json.Serialization;
using Simmer.Jobs;

namespace Simmer;

/// <summary>A <see cref="WorkflowId"/> in JSON: a plain string, also as the key of a dictionary. The object <c>{"value":"..."}</c>, which
/// earlier versions wrote, is read for ever.</summary>
/// <remarks>Public for source-generated JSON contexts, which name it; an application need not.</remarks>
public sealed class WorkflowIdJsonConverter : JsonConverter<WorkflowId>
{
    /// <inheritdoc/>
    public override WorkflowId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => IdJson.Read<WorkflowId>(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, WorkflowId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.Value);
    }

    /// <inheritdoc/>
    public override WorkflowId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => IdJson.Parse<WorkflowId>(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, WorkflowId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString());
    }
}
