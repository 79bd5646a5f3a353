namespace Simmer.Postgres;

/// <summary>Whose clock measures leases.</summary>
internal enum LeaseClock
{
    /// <summary>The server's.</summary>
    Database,

    /// <summary>The caller's argument.</summary>
    Caller,
}
