using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads what an application has declared of a queue.</summary>
internal static class DeclaredQueues
{
    /// <summary>The columns that are read, in their order.</summary>
    public const string Columns = "keep_succeeded, keep_failed, declared_by";

    /// <summary>What is declared of a queue.</summary>
    /// <param name="statement">The row.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    /// <returns>The declaration; null: there is none.</returns>
    public static DeclaredQueue? Read(Statement statement, string queue, int first) =>
        DeclaredQueue.Read(queue, statement.LongOrNull(first), statement.LongOrNull(first + 1), statement.TextOrNull(first + 2));
}
