namespace Simmer.Execution;

/// <summary>The result with which a handler completes its job cannot be stored. If the handler does not catch this, the job fails: another
/// attempt would give the same result.</summary>
internal sealed class BadResultException(string message, Exception inner) : InvalidOperationException(message, inner);
