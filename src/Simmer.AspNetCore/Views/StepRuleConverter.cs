using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>Rules are written as <c>anyFailed</c>, <c>allDone</c>.</summary>
internal sealed class StepRuleConverter() : JsonStringEnumConverter<StepRule>(JsonNamingPolicy.CamelCase);
