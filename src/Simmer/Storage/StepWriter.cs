using System.Buffers;
using System.Text;

namespace Simmer.Storage;

/// <summary>Writes what is fixed about a step: numbers as zigzag varints, texts with their length.</summary>
internal sealed class StepWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(64);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Number(long value)
    {
        var rest = (ulong)((value << 1) ^ (value >> 63));
        while (rest >= 0x80)
        {
            Byte((byte)(rest | 0x80));
            rest >>= 7;
        }

        Byte((byte)rest);
    }

    public void Text(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Number(length);
        _ = Encoding.UTF8.GetBytes(text, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }

    public void Texts(IReadOnlyList<string> texts)
    {
        Number(texts.Count);
        foreach (var text in texts)
        {
            Text(text);
        }
    }

    public void Numbers(StepNumbers numbers)
    {
        Number(numbers.Runs.Length);
        foreach (var run in numbers.Runs)
        {
            Number(run.First);
            Number(run.Count);
            if (run.Count > 1)
            {
                Number(run.Stride);
            }
        }
    }

    public void Links(IReadOnlyList<StepLink> links)
    {
        Number(links.Count);
        foreach (var link in links)
        {
            Byte((byte)link.Kind);
            Texts(link.Labels);

            Numbers(link.To);
        }
    }
}
