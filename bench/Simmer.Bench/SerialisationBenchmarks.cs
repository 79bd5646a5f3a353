using System.Text.Json.Serialization.Metadata;
using BenchmarkDotNet.Attributes;

namespace Simmer.Bench;

/// <summary>A durable job's record to bytes and back, as the catalog does it.</summary>
public class SerialisationBenchmarks
{
    private BenchEngine<NoteHandler> _engine = null!;
    private Note _note = null!;
    private ReadOnlyMemory<byte> _bytes;

    /// <summary>How the record's shape is known.</summary>
    public enum Shape
    {
        Reflection,
        Generated,
    }

    [Params(200, 20_000)]
    public int Bytes { get; set; }

    [ParamsAllValues]
    public Shape By { get; set; }

    [GlobalSetup]
    public void Start()
    {
        _engine = new(options: o => o.Json.TypeInfoResolver = By == Shape.Generated ? NoteJson.Default : new DefaultJsonTypeInfoResolver());
        _note = new(1, new string('x', Bytes - 22));
        _bytes = _engine.Kind.Write(_note);
    }

    [GlobalCleanup]
    public void Stop() => _engine.Dispose();

    [Benchmark]
    public int Write() => _engine.Kind.Write(_note).Length;

    [Benchmark]
    public IJob Read() => _engine.Kind.Read(_bytes);
}
