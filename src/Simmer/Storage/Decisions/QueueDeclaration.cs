namespace Simmer.Storage.Decisions;

/// <summary>Which of two declarations of a queue counts. Processes of two versions run beside one another during a deployment and start in
/// any order, so the version decides and not the time.</summary>
internal static class QueueDeclaration
{
    /// <summary>What becomes of a declaration.</summary>
    /// <param name="stands">The declaration that counts so far; <see langword="null"/>: none.</param>
    /// <param name="declared">The new one, of the same queue.</param>
    /// <returns>Only <see cref="QueuePutResult.Stored"/> is written. An equal one of a newer version is written too, because the version
    /// protects it from older ones.</returns>
    public static QueuePutResult Decide(DeclaredQueue? stands, DeclaredQueue declared)
    {
        if (stands is null || declared.Version > stands.Version)
        {
            return QueuePutResult.Stored;
        }

        return stands.Policy == declared.Policy ? QueuePutResult.Unchanged
            : declared.Version == stands.Version ? QueuePutResult.Contradicts
            : QueuePutResult.Older;
    }
}
