using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>Roles are written as <c>undo</c>, <c>onFailure</c>.</summary>
internal sealed class StepRoleConverter() : JsonStringEnumConverter<StepRole>(JsonNamingPolicy.CamelCase);
