namespace Simmer.Postgres;

/// <summary>What a job that runs here has reported.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Notes">How often that was sent.</param>
/// <param name="Fraction">How far it is; null: it did not say.</param>
/// <param name="Text">What it is doing; null: it did not say.</param>
internal readonly record struct NotedJob(int Run, int Notes, double? Fraction, string? Text);
