using Simmer.Storage;

namespace Simmer.Sqlite;

/// <summary>Reads jobs as they are shown to clients.</summary>
internal static class JobRecords
{
    /// <summary>Joins the names of queue and kind. A row whose queue or kind has no name any more is still shown.</summary>
    public const string Names = "LEFT JOIN simmer_queue q ON q.id = j.queue LEFT JOIN simmer_kind k ON k.id = j.kind";

    private static readonly Sql s_errors =
        new("SELECT run, attempt, at, type, message, detail FROM simmer_error WHERE job = ?1 ORDER BY n");

    /// <summary>Reads all rows of a statement, and the errors of those jobs.</summary>
    public static List<JobRecord> Read(SqliteSession session, Statement statement, Action<Statement>? alsoRead = null)
    {
        var records = new List<JobRecord>();
        var withErrors = new List<int>();
        while (statement.Step())
        {
            if (statement.Long(JobColumns.Errors.Shown) > 0)
            {
                withErrors.Add(records.Count);
            }

            records.Add(JobColumns.ReadRecord(statement));
            alsoRead?.Invoke(statement);
        }

        foreach (var i in withErrors)
        {
            records[i] = records[i] with { Errors = ReadErrors(session, records[i].Id) };
        }

        return records;
    }

    private static List<AttemptError> ReadErrors(SqliteSession session, JobId id)
    {
        var errors = new List<AttemptError>();
        var statement = session[s_errors].Bind(1, id);
        while (statement.Step())
        {
            errors.Add(new AttemptError(statement.Int(0), statement.Int(1), DbTime.Clamped(statement.Long(2)), statement.Text(3),
                statement.Text(4), statement.TextOrNull(5)));
        }

        return errors;
    }
}
