using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>What an application has declared of a queue, in the columns keep_succeeded, keep_failed and declared_by.</summary>
internal static class DeclaredQueues
{
    /// <param name="row">A row.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="first">The first of the three columns.</param>
    /// <returns>The declaration; null: there is none.</returns>
    public static DeclaredQueue? Read(NpgsqlDataReader row, string queue, int first) =>
        DeclaredQueue.Read(queue, row.LongOrNull(first), row.LongOrNull(first + 1), row.TextOrNull(first + 2));
}
