using System.Numerics;
using Microsoft.Extensions.Logging;
using Simmer.Diagnostics;

namespace Simmer.Execution.Flushing;

/// <summary>Counts the flushes that the store refused since the last one that it took, and tells the log. Every caller learns of a refusal
/// by an exception; the log is told at the first one, at every new reason, and ever more seldom.</summary>
internal sealed class FlushRefusals(ILogger logger, string storeName)
{
    private int _delays;
    private int _refused;
    private string? _reason;
    private bool _isTransient;

    /// <summary>Why nothing of this process reaches the store at present, though it answers; null: it does.</summary>
    public string? Obstacle => _delays > 0 && !_isTransient ? _reason : null;

    /// <summary>A flush was carried out.</summary>
    public void Accepted()
    {
        if (_refused > 0)
        {
            logger.FlushAccepted(storeName, _refused);
            (_delays, _refused, _reason) = (0, 0, null);
        }
    }

    /// <summary>A flush was refused.</summary>
    /// <param name="error">Why.</param>
    /// <param name="kept">How many ends of runs wait for a later one.</param>
    public void Refused(Exception error, int kept)
    {
        _isTransient = error is StoreException { IsTransient: true };
        if (BitOperations.IsPow2(++_refused) || error.Message != _reason)
        {
            logger.FlushRefused(_isTransient ? LogLevel.Warning : LogLevel.Error, error, storeName, _refused, kept);
        }

        _reason = error.Message;
    }

    /// <summary>The next flush is put off.</summary>
    /// <returns>How many have been put off before it.</returns>
    public int CountDelay() => _delays++;
}
