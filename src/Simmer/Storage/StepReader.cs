using System.Text;

namespace Simmer.Storage;

/// <summary>Reads what <see cref="StepWriter"/> wrote.</summary>
internal ref struct StepReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public byte Byte()
    {
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
        }
    }

    public string Text()
    {
        var length = (int)Number();
        var text = Encoding.UTF8.GetString(_rest[..length]);
        _rest = _rest[length..];
        return text;
    }

    public string[] Texts()
    {
        var count = (int)Number();
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
        var runs = new StepNumbers.Run[(int)Number()];
        for (var i = 0; i < runs.Length; i++)
        {
            var (first, count) = ((int)Number(), (int)Number());
            runs[i] = new StepNumbers.Run(first, count > 1 ? (int)Number() : 0, count);
        }

        return StepNumbers.OfRuns(runs);
    }

    public IReadOnlyList<StepLink> Links()
    {
        var links = new StepLink[(int)Number()];
        for (var i = 0; i < links.Length; i++)
        {
            var kind = (StepLinkKind)Byte();
            var labels = Texts();
            links[i] = new StepLink(Numbers(), kind, labels);
        }

        return links;
    }
}
