using Simmer;

namespace Storefront.Import;

/// <summary>Makes a large file to try the import with.</summary>
[Job("make-sample-file", Queue = "imports")]
public sealed record MakeSampleFile(string Name, int Rows) : IJob<SampleFile>;

/// <summary>A file that was made.</summary>
public sealed record SampleFile(string Name, int Rows, long Bytes);
