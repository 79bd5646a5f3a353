using System.Text.Json;

namespace Simmer.Jobs;

/// <summary>A stored result does not fit the type it is read as.</summary>
internal sealed class UnreadableResultException(string message, Exception inner) : JsonException(message, inner);
