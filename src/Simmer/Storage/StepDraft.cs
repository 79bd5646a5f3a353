using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>The place of a step in its workflow's graph. Immutable; what changes (its <see cref="StepTally"/>, its branch) the store keeps
/// beside it.</summary>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class StepDraft
{
    /// <summary>The workflow.</summary>
    public required WorkflowId Workflow { get; init; }

    /// <summary>Its number in the workflow, from 1. Of a step added at run time (see <see cref="Settlement.Added"/>): its number among
    /// those added with it.</summary>
    public required int Number { get; init; }

    /// <summary>Its name, unique in the workflow.</summary>
    public required string Name { get; init; }

    /// <summary>When it runs.</summary>
    public StepRule Rule { get; init; }

    /// <summary>Its role: an ordinary step, or one that undoes or comes last.</summary>
    public StepRole Role { get; init; }

    /// <summary>How many links lead to it. It is not written with the rest, because it is where the tally begins.</summary>
    public int Pending { get; init; }

    /// <summary>How long after its release it is due.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Not before this time, if it has no <see cref="Delay"/>.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The steps whose results it may take first, in order; through gates, without those that only come before it.</summary>
    public StepNumbers Parents { get; init; } = StepNumbers.None;

    /// <summary>How many of the <see cref="Parents"/> are such only because groups without members stand between; they are the last in the
    /// list.</summary>
    public int ParentsThroughEmpty { get; init; }

    /// <summary>The kinds of job that groups without members, directly before it, would have had. A list of their results is
    /// empty.</summary>
    public IReadOnlyList<string> EmptyKinds { get; init; } = [];

    /// <summary>The links to the steps that wait for it.</summary>
    public IReadOnlyList<StepLink> Next { get; init; } = [];

    /// <summary>Whether other steps wait for it.</summary>
    internal bool LeadsOn => Next is not ([] or [{ To.IsEnd: true }]);

    /// <summary>When it is due if it is released now; <see langword="null"/>: at once.</summary>
    /// <param name="now">The present time.</param>
    /// <returns>The time, if it is in the future.</returns>
    public DateTimeOffset? DueAfter(DateTimeOffset now) =>
        Delay > TimeSpan.Zero ? StoreRules.KeepUntil(now, Delay) : NotBefore > now ? NotBefore : null;

    /// <summary>The step's fixed part in a compact form, for stores that keep bytes.</summary>
    /// <returns>The bytes; the first one holds rule and role.</returns>
    /// <remarks>The bytes are made once, by the code that puts the workflow together, so that the thread that writes for all callers need
    /// not.</remarks>
    public byte[] Write() => _written ??= ToBytes();

    private byte[]? _written;

    private byte[] ToBytes()
    {
        var writer = new StepWriter();
        writer.Byte((byte)((int)Rule | ((int)Role << 4)));
        writer.Texts(EmptyKinds);
        writer.Number(ParentsThroughEmpty);
        writer.Number(Delay.Ticks);
        writer.Number(NotBefore?.UtcTicks ?? 0);
        writer.Text(Name);
        writer.Numbers(Parents);
        writer.Links(Next);
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="id">The step's job.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The step; <see cref="Pending"/> is 0.</returns>
    /// <exception cref="FormatException">They are not what any version wrote.</exception>
    public static StepDraft Read(JobId id, ReadOnlySpan<byte> bytes)
    {
        var reader = new StepReader(bytes);
        var first = reader.Byte();
        var (rule, role) = ((StepRule)(first & 0x0f), (StepRole)(first >> 4));
        return !Enum.IsDefined(rule) || !Enum.IsDefined(role)
            ? throw new FormatException("its place in the workflow is damaged: it has an unknown rule or role")
            : new StepDraft
        {
            Workflow = WorkflowId.OfStep(id),
            Number = WorkflowId.NumberOf(id),
            Rule = rule,
            Role = role,
            EmptyKinds = reader.Texts(),
            ParentsThroughEmpty = reader.Amount(),
            Delay = TimeSpan.FromTicks(reader.Number()),
            NotBefore = reader.Number() is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null,
            Name = reader.Text(),
            Parents = reader.Numbers(),
            Next = reader.Links(),
        };
    }

    /// <summary>Whether it stands in for a step whose place in the workflow is damaged. Its role is not known, so it is never run and never
    /// skipped. When an operator ends it, it reports by <see cref="StepLink.Lost"/>.</summary>
    public bool IsDamaged { get; private init; }

    /// <summary>Reads bytes that may be damaged.</summary>
    /// <param name="id">The step's job.</param>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The step, or a stand-in for it.</returns>
    public static StepDraft ReadOrStandIn(JobId id, ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(id, bytes);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return new StepDraft { Workflow = WorkflowId.OfStep(id), Number = WorkflowId.NumberOf(id), Name = "(damaged)",
                Next = [StepLink.Lost], IsDamaged = true };
        }
    }

    /// <summary>The role alone, by the first byte of <see cref="Write"/>.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The role.</returns>
    public static StepRole RoleOf(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? StepRole.Step : (StepRole)(bytes[0] >> 4);
}
