using Simmer.Execution;

namespace Simmer;

/// <summary>How far a job is. Reports are cheap: at most four a second are stored, and always the last.</summary>
public sealed class JobProgress : IProgress<double>
{
    private readonly JobRun _run;

    internal JobProgress(JobRun run) => _run = run;

    /// <summary>The fraction as last reported.</summary>
    public double? Fraction { get; private set; }

    /// <summary>The text as last reported.</summary>
    public string? Text { get; private set; }

    /// <summary>Reports how far the job is.</summary>
    /// <param name="fraction">From 0 to 1.</param>
    /// <param name="text">What it is doing, at most 1,000 characters; <see langword="null"/>: as before.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not a number from 0 to 1.</exception>
    public void Report(double fraction, string? text = null)
    {
        if (!(fraction is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "Progress is a fraction from 0 to 1.");
        }

        Set(fraction, text);
    }

    /// <summary>Reports what the job is doing, where no fraction is known.</summary>
    /// <param name="text">What it is doing, at most 1,000 characters.</param>
    public void Report(string text) => Set(Fraction, text ?? throw new ArgumentNullException(nameof(text)));

    void IProgress<double>.Report(double value) => Report(value);

    private void Set(double? fraction, string? text)
    {
        lock (_run)
        {
            Fraction = fraction;
            Text = text is { Length: > 1000 } ? text[..1000] : text ?? Text;
        }

        _run.ProgressChanged();
    }
}
