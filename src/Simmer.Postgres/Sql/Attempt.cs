using Npgsql;

namespace Simmer.Postgres;

/// <summary>What earlier tries of the same verb have taught. After some refusals Npgsql closes the connection, and no savepoint helps: the
/// verb is then tried again on another connection, without the operation that was under way.</summary>
internal sealed class Attempt
{
    /// <summary>How often a verb is tried at most: on some servers everything fails.</summary>
    private const int Most = 50;

    private readonly Dictionary<string, Exception> _refused = new(StringComparer.Ordinal);
    private int _tries;

    /// <summary>Whether each operation goes behind a savepoint.</summary>
    public bool IsCareful { get; set; }

    /// <summary>Whether something was learnt by the last try, so that the next one may succeed.</summary>
    public bool MayTryAgain { get; private set; }

    /// <summary>Why an operation is left out; null: it is not.</summary>
    public Exception? WhyNot(string about) => _refused.GetValueOrDefault(about);

    public void Begin()
    {
        _tries++;
        MayTryAgain = false;
    }

    /// <summary>The connection was closed by a refusal.</summary>
    /// <param name="about">What was under way; null: a step of the way for all operations at once.</param>
    /// <param name="refused">The refusal.</param>
    public void Broke(string? about, PostgresException refused)
    {
        // One refusal is reported twice: by the operation that was under way, and by the flush that it was part of.
        if (_tries > Most || MayTryAgain)
        {
            return;
        }

        if (about is not null)
        {
            MayTryAgain = _refused.TryAdd(about, refused);
        }
        else if (!IsCareful)
        {
            MayTryAgain = IsCareful = true;
        }
    }
}
