using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Simmer.Jobs;

namespace Simmer;

/// <summary>The id of a job: a version 7 UUID (RFC 9562). The client makes it, so that an enqueue can be repeated without a duplicate, and
/// so that a URL cannot be guessed. An id that is made from a name can be guessed: that of a step of a workflow made with
/// <see cref="WorkflowId.For"/>, or a hash of your own.</summary>
/// <param name="Value">The UUID.</param>
[JsonConverter(typeof(IdJsonConverter<JobId>))]
public readonly record struct JobId(Guid Value) : IComparable<JobId>, ISpanParsable<JobId>
{
    /// <summary>Parses an id as <see cref="ToString"/> writes it.</summary>
    /// <param name="text">The text, in any of the forms of <see cref="Guid"/>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static JobId Parse(string text) => Parse(text, null);

    /// <inheritdoc/>
    public static JobId Parse(string s, IFormatProvider? provider) =>
        Parse((s ?? throw new ArgumentNullException(nameof(s))).AsSpan(), provider);

    /// <inheritdoc/>
    public static JobId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id)
            ? id
            : throw new FormatException(
                $"'{StoredText.Shown(s)}' is not a job id; a job id is a UUID such as 01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out JobId result)
    {
        var parsed = Guid.TryParse(s, out var value);
        result = new JobId(value);
        return parsed;
    }

    /// <inheritdoc/>
    public int CompareTo(JobId other) => Value.CompareTo(other.Value);

    /// <summary>The id in lower-case hexadecimal with hyphens.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Value.ToString("D");
}
