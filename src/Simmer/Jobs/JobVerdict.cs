using Simmer.Jobs;

namespace Simmer;

/// <summary>A handler's verdict on its attempt, where returning (success) and throwing (failure) do not say enough.</summary>
public sealed class JobVerdict
{
    private JobVerdict(VerdictKind kind, TimeSpan delay, string? reason, string? label = null) =>
        (Kind, Delay, Reason, Label) = (kind, delay, reason, label);

    /// <summary>The attempt succeeded.</summary>
    public static JobVerdict Success { get; } = new(VerdictKind.Success, TimeSpan.Zero, null);

    /// <summary>What was decided.</summary>
    public VerdictKind Kind { get; }

    /// <summary>When to go on, counted from now (<see cref="VerdictKind.Retry"/> and <see cref="VerdictKind.Snooze"/>).</summary>
    public TimeSpan Delay { get; }

    /// <summary>Why, for the people who look at the job.</summary>
    public string? Reason { get; }

    /// <summary>The branch that was chosen, of a step that succeeded; see <see cref="Step.When"/>.</summary>
    public string? Label { get; }

    /// <summary>The attempt succeeded and chose a branch. Of the steps that wait for it with <see cref="Step.When"/>, those of this branch
    /// go on and the others are skipped.</summary>
    /// <param name="label">The branch.</param>
    /// <returns>The verdict.</returns>
    public static JobVerdict Branch(string label)
    {
        StepNames.CheckBranch(label);
        return new(VerdictKind.Success, TimeSpan.Zero, null, label);
    }

    /// <summary>The attempt succeeded with a result and chose a branch.</summary>
    /// <typeparam name="TResult">The result's type.</typeparam>
    /// <param name="label">The branch.</param>
    /// <param name="result">The result.</param>
    /// <returns>Result and verdict.</returns>
    public static JobVerdict<TResult> Branch<TResult>(string label, TResult result) => new(Branch(label), result);

    /// <summary>The attempt failed; try again after a delay of your choice, if attempts are left.</summary>
    /// <param name="delay">The delay; zero means at once.</param>
    /// <param name="reason">Why; of a text of over 2,000 characters the beginning is stored, with a mark.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public static JobVerdict RetryIn(TimeSpan delay, string? reason = null) => new(VerdictKind.Retry, NotNegative(delay), reason);

    /// <summary>It is too early: go on after a delay, without spending an attempt.</summary>
    /// <param name="delay">The delay; zero means at once.</param>
    /// <param name="reason">Why; of a text of over 2,000 characters the beginning is stored, with a mark.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    public static JobVerdict Snooze(TimeSpan delay, string? reason = null) => new(VerdictKind.Snooze, NotNegative(delay), reason);

    /// <summary>Give up: no more attempts, the job is <see cref="JobState.Failed"/>.</summary>
    /// <param name="reason">Why; of a text of over 2,000 characters the beginning is stored, with a mark.</param>
    /// <returns>The verdict.</returns>
    public static JobVerdict Fail(string reason) =>
        new(VerdictKind.Fail, TimeSpan.Zero, reason ?? throw new ArgumentNullException(nameof(reason)));

    /// <summary>There is nothing to do, or nothing any more: the job is <see cref="JobState.Cancelled"/>.</summary>
    /// <param name="reason">Why; of a text of over 2,000 characters the beginning is stored, with a mark.</param>
    /// <returns>The verdict.</returns>
    public static JobVerdict Cancel(string reason) =>
        new(VerdictKind.Cancel, TimeSpan.Zero, reason ?? throw new ArgumentNullException(nameof(reason)));

    private static TimeSpan NotNegative(TimeSpan delay) => delay >= TimeSpan.Zero
        ? delay
        : throw new ArgumentOutOfRangeException(nameof(delay), delay, "The delay is negative; give zero or more.");
}

/// <summary>A result or a verdict, for handlers that may give either.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class JobVerdict<TResult>
{
    internal JobVerdict(JobVerdict verdict, TResult? value) => (Verdict, Value) = (verdict, value);

    /// <summary>The verdict; <see cref="JobVerdict.Success"/> when there is a <see cref="Value"/>.</summary>
    public JobVerdict Verdict { get; }

    /// <summary>The result, if the attempt succeeded.</summary>
    public TResult? Value { get; }

    /// <summary>A result is a success.</summary>
    /// <param name="value">The result.</param>
    public static implicit operator JobVerdict<TResult>(TResult value) => new(JobVerdict.Success, value);

    /// <summary>A verdict without a result.</summary>
    /// <param name="verdict">The verdict; not a success, which needs a value.</param>
    /// <exception cref="ArgumentException">The verdict is a success.</exception>
    public static implicit operator JobVerdict<TResult>(JobVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.Kind == VerdictKind.Success
            ? throw new ArgumentException($"A success needs a result: return {Jobs.TypeNames.An(typeof(TResult))}.", nameof(verdict))
            : new JobVerdict<TResult>(verdict, default);
    }
}

/// <summary>What a handler decided on its attempt.</summary>
public enum VerdictKind
{
    /// <summary>It succeeded.</summary>
    Success,

    /// <summary>It failed; try again after the given delay.</summary>
    Retry,

    /// <summary>Too early; go on later without spending an attempt.</summary>
    Snooze,

    /// <summary>It failed for good.</summary>
    Fail,

    /// <summary>The job is cancelled: there is nothing left to do.</summary>
    Cancel,
}
