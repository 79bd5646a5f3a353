namespace Simmer.Sqlite;

/// <summary>Binds the value of a column for a job that is to be stored.</summary>
internal delegate void BindColumn(Statement statement, int parameter, in JobRow row);

/// <summary>One column of the job table: where its value comes from, and where it goes. An expression that is null means that the column
/// does not go there.</summary>
/// <remarks>In the expressions of the browser <c>j</c> is a row of the job table or of the history. Numbered parameters in
/// <see cref="Kept"/> are bound by <see cref="RunEnd"/>, and those in <see cref="Reopened"/> by <see cref="JobHistory"/>.</remarks>
/// <param name="name">The name in the table.</param>
/// <param name="bind">Binds the value that an insert writes; null: it is not bound.</param>
internal sealed class JobColumn(string name, BindColumn? bind = null)
{
    public string Name { get; } = name;

    /// <inheritdoc cref="BindColumn"/>
    public BindColumn? Bind { get; } = bind;

    /// <summary>What an insert writes where nothing is bound.</summary>
    public string? Constant { get; init; }

    /// <summary>Whether jobs that stand alone have it.</summary>
    public bool IsOfJobs { get; init; } = true;

    /// <summary>Whether an insert of a job that stands alone leaves it to the default of the table.</summary>
    public bool HasDefault { get; init; }

    /// <summary>Whether steps of workflows have it.</summary>
    public bool IsOfSteps { get; init; } = true;

    /// <summary>Whether a claim reads it.</summary>
    public bool Claimed { get; init; }

    /// <summary>What the history keeps of a row of the job table.</summary>
    public string? Kept { get; init; }

    /// <summary>What a retry carries back from the history.</summary>
    public string? Reopened { get; init; }

    /// <summary>What the browser reads of a row of the job table.</summary>
    public string? Hot { get; init; }

    /// <summary>What the browser reads of a row of the history.</summary>
    public string? Old { get; init; }

    /// <summary>The number of its parameter in an insert.</summary>
    public int Parameter { get; set; }

    /// <summary>The place in the rows of a claim.</summary>
    public int InClaim { get; set; } = -1;

    /// <summary>The place in the rows that the browser reads.</summary>
    public int Shown { get; set; } = -1;
}
