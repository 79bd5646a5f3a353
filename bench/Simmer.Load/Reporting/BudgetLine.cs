using System.Globalization;
using System.Text.Json.Serialization;

namespace Simmer.Load.Reporting;

/// <summary>One promise of the design beside what was measured.</summary>
/// <param name="Promise">What is promised, in words.</param>
/// <param name="Target">The figure that is promised.</param>
/// <param name="Measured">Null: this run did not measure it.</param>
/// <param name="AtLeast">Whether more is better.</param>
/// <param name="Format">How both are written.</param>
internal sealed record BudgetLine(string Promise, double Target, double? Measured, bool AtLeast, [property: JsonIgnore] string Format)
{
    public bool? Met => Measured is { } value ? (AtLeast ? value >= Target : value <= Target) : null;

    /// <summary>How far it is from the target, more than 1 being better.</summary>
    [JsonIgnore]
    public double Reached => (AtLeast ? Measured / Target : Target / Measured) ?? 0;

    public string Text(double? value) => value?.ToString(Format, CultureInfo.InvariantCulture) ?? "not measured";
}
