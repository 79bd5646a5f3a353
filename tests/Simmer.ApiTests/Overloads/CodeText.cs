using System.Text;

namespace Simmer.ApiTests.Overloads;

/// <summary>Pieces of C# that both generators write.</summary>
internal static class CodeText
{
    private const int Widest = 140;

    /// <summary>The numbers of services that a delegate may take.</summary>
    public static IEnumerable<int> ServiceCounts => Enumerable.Range(0, 5);

    /// <summary>Names the type parameters of services: <c>S1</c>, <c>S2</c> and so on.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The names.</returns>
    public static string[] Services(int count) => [.. Enumerable.Range(1, count).Select(static i => $"S{i}")];

    /// <summary>Joins names with commas.</summary>
    /// <param name="parts">The names.</param>
    /// <returns>The list, without brackets.</returns>
    public static string List(IEnumerable<string> parts) => string.Join(", ", parts);

    /// <summary>Writes <c>head(argument, argument)tail</c>, over as many lines as the width of 140 columns asks for.</summary>
    /// <param name="indent">Columns before the first line; the following ones have four more.</param>
    /// <param name="head">What stands before the opening bracket.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="tail">What stands after the closing bracket.</param>
    /// <returns>The lines, without a line feed at the end.</returns>
    public static string Call(int indent, string head, string[] arguments, string tail)
    {
        var text = new StringBuilder();
        var line = new string(' ', indent) + head + "(";
        for (var i = 0; i < arguments.Length; i++)
        {
            var last = i == arguments.Length - 1;
            var piece = arguments[i] + (last ? ")" + tail : ",");
            if (line.Length + piece.Length + 1 > Widest)
            {
                text.Append(line.TrimEnd()).Append('\n');
                line = new string(' ', indent + 4);
            }

            line += last ? piece : piece + " ";
        }

        return text.Append(arguments.Length == 0 ? line + ")" + tail : line).ToString();
    }
}
