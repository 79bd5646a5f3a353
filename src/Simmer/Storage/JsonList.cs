using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Simmer.Storage;

/// <summary>Short lists of text as a JSON array, so that a database's own functions can look into them. An empty list is NULL.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public static class JsonList
{
    /// <summary>Writes a list.</summary>
    /// <param name="items">The list.</param>
    /// <returns>A JSON array; <see langword="null"/> for an empty list.</returns>
    public static string? Write(IReadOnlyCollection<string> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (items.Count == 0)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                writer.WriteStringValue(item);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="text">A JSON array or <see langword="null"/>.</param>
    /// <returns>The list.</returns>
    public static IReadOnlyList<string> Read(string? text)
    {
        if (text is null)
        {
            return [];
        }

        var items = new List<string>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                items.Add(reader.GetString()!);
            }
        }

        return items;
    }

    /// <summary>The same where the list is only a hint: one that cannot be read is empty.</summary>
    /// <param name="text">Any text.</param>
    /// <returns>The list.</returns>
    public static IReadOnlyList<string> ReadOrNothing(string? text)
    {
        try
        {
            return Read(text);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [];
        }
    }
}
