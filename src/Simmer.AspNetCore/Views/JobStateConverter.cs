using System.Text.Json;
using System.Text.Json.Serialization;

namespace Simmer.AspNetCore.Views;

/// <summary>States are written as <c>ready</c>, <c>running</c>, <c>succeeded</c>.</summary>
internal sealed class JobStateConverter() : JsonStringEnumConverter<JobState>(JsonNamingPolicy.CamelCase);
