using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer;

/// <summary>A <see cref="JobId"/> or a <see cref="WorkflowId"/> in JSON: a plain string, also as the key of a dictionary. The object
/// <c>{"value":"..."}</c>, which earlier versions wrote and which payloads, results and users' documents keep, is read for ever.</summary>
/// <remarks>It is public because source-generated JSON contexts name it; an application has no need to.</remarks>
/// <typeparam name="TId">The type of the id.</typeparam>
public sealed class IdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, IParsable<TId>
{
    private const string OldProperty = "value";

    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => Parse(reader.GetString()),
        JsonTokenType.StartObject => ReadObject(ref reader),
        var other => throw new JsonException($"A {typeof(TId).Name} was expected, a UUID as a string, and {other} was found."),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString()!);
    }

    private static TId ReadObject(ref Utf8JsonReader reader)
    {
        TId? id = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The case of the property follows the naming policy of the process that wrote it.
            var isValue = string.Equals(reader.GetString(), OldProperty, StringComparison.OrdinalIgnoreCase);
            _ = reader.Read();
            if (isValue && reader.TokenType == JsonTokenType.String)
            {
                id = Parse(reader.GetString());
            }
            else
            {
                reader.Skip();
            }
        }

        return id
            ?? throw new JsonException(
            $"A {typeof(TId).Name} was expected, a UUID as a string, and an object without a '{OldProperty}' was found.");
    }

    private static TId Parse(string? text)
    {
        try
        {
            return TId.Parse(text!, null);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }
}
