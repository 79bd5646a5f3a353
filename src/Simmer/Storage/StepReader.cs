using System.Text;

namespace Simmer.Storage;

/// <summary>Reads what <see cref="StepWriter"/> wrote.</summary>
internal ref struct StepReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            throw Bad("it ends too early");
        }

        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Number()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Byte();
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return (long)(value >> 1) ^ -(long)(value & 1);
            }

            if (shift > 56)
            {
                throw Bad("it has a number of more than 64 bits");
            }
        }
    }

    /// <summary>A number that counts what follows. Whatever is counted takes a byte at least, so damage does not make it reserve
    /// gigabytes.</summary>
    private int Count() => Number() is >= 0 and var count && count <= _rest.Length ? (int)count : throw Bad("it counts more than it holds");

    private int Int() => Number() is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number
        : throw Bad("it has a number of more than 32 bits");

    private static FormatException Bad(string why) => new($"its place in the workflow is damaged: {why}");

    public string Text()
    {
        var length = Count();
        var text = Encoding.UTF8.GetString(_rest[..length]);
        _rest = _rest[length..];
        return text;
    }

    /// <summary>How many there are of something, or how many of a list; not below 0.</summary>
    public int Amount() => Int() is >= 0 and var amount ? amount : throw Bad("it has a negative amount");

    public string[] Texts()
    {
        var count = Count();
        if (count == 0)
        {
            return [];
        }

        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = Text();
        }

        return texts;
    }

    public StepNumbers Numbers()
    {
        var runs = new StepNumbers.Run[Count()];
        var all = 0L;
        for (var i = 0; i < runs.Length; i++)
        {
            var (first, count) = (Int(), Int());
            if (count < 1 || (all += count) > WorkflowId.MaxSteps * 2L)
            {
                throw Bad("it names more steps than a workflow can have");
            }

            runs[i] = new StepNumbers.Run(first, count > 1 ? Int() : 0, count);
        }

        return StepNumbers.OfRuns(runs);
    }

    public IReadOnlyList<StepLink> Links()
    {
        var links = new StepLink[Count()];
        for (var i = 0; i < links.Length; i++)
        {
            var kind = (StepLinkKind)Byte();
            if (!Enum.IsDefined(kind))
            {
                throw Bad("it has a link of an unknown kind");
            }

            var labels = Texts();
            links[i] = new StepLink(Numbers(), kind, labels);
        }

        return links;
    }
}
