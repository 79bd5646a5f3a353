using Simmer.Jobs;

namespace Simmer;

/// <summary>The progress of a job. Reports are cheap: at most four a second are stored, and always the last.</summary>
public sealed class JobProgress : IProgress<double>
{
    private const int MaxText = 1_000;

    private readonly JobAttempt _attempt;

    internal JobProgress(JobAttempt attempt) => _attempt = attempt;

    /// <summary>The fraction as last reported.</summary>
    public double? Fraction { get; private set; }

    /// <summary>The text as last reported.</summary>
    public string? Text { get; private set; }

    /// <summary>Reports how far the job is.</summary>
    /// <param name="fraction">From 0 to 1. What is outside counts as the nearer end, and what is no number as the fraction reported before;
    /// either is logged as a warning, once for each kind of job.</param>
    /// <param name="text">What it is doing, at most 1,000 characters, cut with "…"; <see langword="null"/>: as before.</param>
    public void Report(double fraction, string? text = null)
    {
        if (fraction is >= 0 and <= 1)
        {
            Set(fraction, text);
            return;
        }

        if (_attempt.Kind is { } kind && kind.TryTellOfProgress())
        {
            _attempt.ProgressOutOfRange(fraction);
        }

        Set(double.IsNaN(fraction) ? Fraction : Math.Clamp(fraction, 0, 1), text);
    }

    /// <summary>Reports what the job is doing, where no fraction is known.</summary>
    /// <param name="text">What it is doing, at most 1,000 characters, cut with "…".</param>
    public void Report(string text) => Set(Fraction, text);

    void IProgress<double>.Report(double value) => Report(value);

    private void Set(double? fraction, string? text)
    {
        lock (_attempt)
        {
            Fraction = fraction;
            Text = StoredText.Shown(text, MaxText) ?? Text;
        }

        _attempt.ProgressChanged();
    }
}
