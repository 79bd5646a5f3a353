using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>JSON that is written as it is stored, neither parsed nor copied.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8);
