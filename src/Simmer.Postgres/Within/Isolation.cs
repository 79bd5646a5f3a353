namespace Simmer.Postgres;

/// <summary>How a caller's transaction sees others.</summary>
/// <param name="Level">Its level, as the server calls it.</param>
/// <param name="Scans">Whether its planner may look through whole tables, as it was set before.</param>
internal readonly record struct Isolation(string Level, string Scans)
{
    public bool IsSerializable => Level == "serializable";

    /// <summary>From repeatable read on every statement sees what was committed when the transaction began.</summary>
    public bool SeesPast => IsSerializable || Level == "repeatable read";
}
