using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Simmer.Jobs;

namespace Simmer;

/// <summary>The id of a workflow: a UUID whose last 24 bits are zero. The job of step number n has the same id with n in those bits. So the
/// steps of one workflow lie side by side in a store, and the id of a step tells its workflow without a look-up.</summary>
[JsonConverter(typeof(IdJsonConverter<WorkflowId>))]
public readonly record struct WorkflowId : IComparable<WorkflowId>, ISpanParsable<WorkflowId>
{
    /// <summary>How many steps a workflow may have.</summary>
    public const int MaxSteps = 1_000_000;

    private const int NumberBits = 0xFF_FFFF;

    private WorkflowId(Guid value) => Value = value;

    /// <summary>The UUID.</summary>
    public Guid Value { get; }

    /// <summary>The id that belongs to a name. The same name gives the same id always and everywhere, so that a workflow is enqueued only
    /// once for an order, for example.</summary>
    /// <param name="name">The name, such as <c>order-4711</c>.</param>
    /// <returns>A name-based id (RFC 9562, version 8, SHA-256).</returns>
    /// <remarks>Anybody who knows the name can make the id, so it is no secret. <c>MapJobs</c> serves such ids only once the application
    /// has decided who may see them.</remarks>
    /// <exception cref="ArgumentException">The name is empty, or no valid UTF-16.</exception>
    public static WorkflowId For(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!StoredText.IsWhole(name))
        {
            throw new ArgumentException(
                $"The name is '{StoredText.Shown(name, 200)}', which {StoredText.NotWhole}. Cut texts at whole characters.", nameof(name));
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0f));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3f));
        return new WorkflowId(new Guid(hash[..16], bigEndian: true)).Cleared();
    }

    /// <summary>The workflow of a step's job.</summary>
    /// <param name="step">The job of a step.</param>
    /// <returns>The workflow's id. For a job that is no step it is an id that no workflow has.</returns>
    public static WorkflowId OfStep(JobId step) => new WorkflowId(step.Value).Cleared();

    /// <summary>The number of a step's job in its workflow.</summary>
    /// <param name="step">The job of a step.</param>
    /// <returns>Its number, from 1.</returns>
    public static int NumberOf(JobId step)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = step.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadInt32BigEndian(bytes[12..]) & NumberBits;
    }

    /// <summary>The id of the job of a step.</summary>
    /// <param name="number">The step's number, from 1.</param>
    /// <returns>The job's id.</returns>
    public JobId Step(int number)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Value.TryWriteBytes(bytes, bigEndian: true, out _);
        var last = BinaryPrimitives.ReadInt32BigEndian(bytes[12..]);
        BinaryPrimitives.WriteInt32BigEndian(bytes[12..], last | (number & NumberBits));
        return new JobId(new Guid(bytes, bigEndian: true));
    }

    /// <summary>Parses an id as <see cref="ToString"/> writes it.</summary>
    /// <param name="text">The text, in any of the forms of <see cref="Guid"/>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException">The text is not the id of a workflow.</exception>
    public static WorkflowId Parse(string text) => Parse(text, null);

    /// <inheritdoc/>
    public static WorkflowId Parse(string s, IFormatProvider? provider) =>
        Parse((s ?? throw new ArgumentNullException(nameof(s))).AsSpan(), provider);

    /// <inheritdoc/>
    public static WorkflowId Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException(
        $"'{StoredText.Shown(s)}' is not a workflow's id; that is a UUID that ends in six zeros, such as "
            + "01970c9e-8a5c-7f3e-9c1b-2f6d1c000000.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out WorkflowId result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out WorkflowId result)
    {
        var parsed = Guid.TryParse(s, out var value) && NumberOf(new JobId(value)) == 0;
        result = parsed ? new WorkflowId(value) : default;
        return parsed;
    }

    /// <inheritdoc/>
    public int CompareTo(WorkflowId other) => Value.CompareTo(other.Value);

    /// <summary>The id in lower-case hexadecimal with hyphens.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Value.ToString("D");

    /// <summary>Whether an id has the form that <see cref="For"/> makes. Anybody who knows the name of a workflow knows the ids of its
    /// steps, so jobs outside workflows are refused ids of this form.</summary>
    internal static bool IsNamed(JobId id)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = id.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes[6] >> 4 == 8 && bytes[8] >> 6 == 2;
    }

    internal static WorkflowId Next(DateTimeOffset now) => OfStep(NewIds.Next(now));

    private WorkflowId Cleared()
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = Value.TryWriteBytes(bytes, bigEndian: true, out _);
        bytes[13] = bytes[14] = bytes[15] = 0;
        return new WorkflowId(new Guid(bytes, bigEndian: true));
    }
}
