using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Simmer.AspNetCore.Views;

/// <summary>The JSON contracts of everything that this assembly writes, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(UntoldJobView))]
[JsonSerializable(typeof(WorkflowView))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class WebJson : JsonSerializerContext;
