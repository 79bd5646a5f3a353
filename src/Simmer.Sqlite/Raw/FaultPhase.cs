namespace Simmer.Sqlite;

/// <summary>Where in a transaction an error came.</summary>
internal enum FaultPhase
{
    Reading,
    Beginning,
    Writing,
    Committing,
}
