namespace Simmer.DiskTests.Support;

/// <param name="Text">What it carries.</param>
/// <param name="Waits">Whether its handler goes on until the test lets it go.</param>
public sealed record Note(string Text = "", bool Waits = false) : IJob<string>;
