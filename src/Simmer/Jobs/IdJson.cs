using System.Text.Json;

namespace Simmer.Jobs;

/// <summary>Reads ids from JSON: a string, or the object with a <c>value</c> that earlier versions wrote and that payloads, results and
/// users' documents keep.</summary>
internal static class IdJson
{
    private const string OldProperty = "value";

    public static TId Read<TId>(ref Utf8JsonReader reader)
        where TId : struct, IParsable<TId>
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return Parse<TId>(reader.GetString());
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"A {typeof(TId).Name} was expected, a UUID as a string, and {reader.TokenType} was found.");
        }

        TId? id = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // The property's case followed the naming policy of whoever wrote it.
            var isValue = string.Equals(reader.GetString(), OldProperty, StringComparison.OrdinalIgnoreCase);
            _ = reader.Read();
            if (isValue && reader.TokenType == JsonTokenType.String)
            {
                id = Parse<TId>(reader.GetString());
            }
            else
            {
                reader.Skip();
            }
        }

        return id ?? throw new JsonException($"A {typeof(TId).Name} was expected, a UUID as a string, and an object without a '{OldProperty}' was found.");
    }

    public static TId Parse<TId>(string? text)
        where TId : struct, IParsable<TId>
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
