namespace Simmer.Postgres;

/// <summary>One column of the job table: where its value comes from, and where it goes. An expression that is null means that the column
/// does not go there.</summary>
/// <remarks>In the expressions <c>j</c> is a row of the job table or of the history, and <c>f</c> is what a settlement says
/// (<see cref="Ending"/>).</remarks>
internal sealed class JobColumn
{
    /// <summary>A column that the database or a later statement fills in.</summary>
    public JobColumn(string name) => (Name, DraftName) = (name, name);

    /// <summary>A column that comes from a draft.</summary>
    /// <param name="name">The name in the table.</param>
    /// <param name="type">The type of the value in SQL.</param>
    /// <param name="bind">Binds the values of many rows as one array.</param>
    public JobColumn(string name, string type, Action<SqlBatch, IReadOnlyList<JobRow>> bind)
        : this(name) => (Type, Bind, Inserted) = (type, bind, name);

    public string Name { get; }

    /// <summary>The type of the array in which an insert gets the values; null: no array.</summary>
    public string? Type { get; }

    /// <summary>Binds that array.</summary>
    public Action<SqlBatch, IReadOnlyList<JobRow>>? Bind { get; }

    /// <summary>The name of the value in an insert, where it is not that of the column.</summary>
    public string DraftName { get; init; }

    /// <summary>What an insert writes.</summary>
    public string? Inserted { get; init; }

    /// <summary>Whether steps of workflows have it as well.</summary>
    public bool IsOfSteps { get; init; } = true;

    /// <summary>What a claim reads.</summary>
    public string? Claimed { get; init; }

    /// <summary>What the row that leaves the job table carries to the history.</summary>
    public string? Moved { get; init; }

    /// <summary>What the history stores of the row that was moved, where that is not the column itself.</summary>
    public string? Kept { get; init; }

    /// <summary>What a retry carries back from the history.</summary>
    public string? Reopened { get; init; }

    /// <summary>What the browser reads of a row of the job table.</summary>
    public string? Hot { get; init; }

    /// <summary>What the browser reads of a row of the history.</summary>
    public string? Old { get; init; }

    /// <summary>Whether the history has the column.</summary>
    public bool IsKept => Moved is not null || Kept is not null;

    /// <summary>The place in the rows of a claim.</summary>
    public int InClaim { get; set; } = -1;

    /// <summary>The place in the rows that the browser reads.</summary>
    public int Shown { get; set; } = -1;
}
