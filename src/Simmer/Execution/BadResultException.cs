namespace Simmer.Execution;

/// <summary>The result with which a handler completes its job cannot be stored. Not caught, it ends the job: another attempt would give the
/// same.</summary>
internal sealed class BadResultException(string message, Exception inner) : InvalidOperationException(message, inner);
