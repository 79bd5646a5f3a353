using System.Text.Json;
using Simmer.AspNetCore.Tests.Jobs;

namespace Simmer.AspNetCore.Tests.Workflows;

/// <summary>Reads a workflow's view.</summary>
internal static class Graph
{
    /// <summary>Its edges as text, such as <c>1-2</c> or <c>1-2:left,right</c>.</summary>
    public static IEnumerable<string> Edges(this JsonElement view) => view.GetProperty("edges").EnumerateArray().Select(static e =>
        $"{e.GetProperty("from")}-"
            + $"{e.GetProperty("to")}"
            + $"{(e.TryGetProperty("labels", out var labels) ? ":" + string.Join(',', labels.EnumerateArray()) : null)}");

    /// <summary>Its steps as text, such as <c>pay succeeded</c>.</summary>
    public static IEnumerable<string> Steps(this JsonElement view) =>
        view.GetProperty("steps").EnumerateArray().Select(static s => $"{s.Text("name")} {s.Text("state")}");

    public static JsonElement Step(this JsonElement view, string name) =>
        view.GetProperty("steps").EnumerateArray().Single(s => s.Text("name") == name);

    public static string Counts(this JsonElement view) =>
        string.Join(' ', view.GetProperty("counts").EnumerateObject().Select(static c => $"{c.Name}:{c.Value}"));

    public static bool Has(this JsonElement view, string property) => view.TryGetProperty(property, out _);
}
