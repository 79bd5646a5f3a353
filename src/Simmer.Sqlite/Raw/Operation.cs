namespace Simmer.Sqlite;

/// <summary>What a connection knows of the operation it carries out at the moment, such as a flush: which of its parts is under way, and
/// which parts the database has refused already.</summary>
internal abstract class Operation
{
    /// <summary>Whether every part is carried out behind a savepoint of its own. It is so at the second try of an operation of which the
    /// database refused a row that it should have taken.</summary>
    public bool Careful { get; set; }

    /// <summary>The part that is under way, while the operation is carried out carefully.</summary>
    public object? About { get; set; }

    /// <summary>The parts at which the database undid the whole transaction by itself, with the fault. They are left out when the
    /// transaction is done again.</summary>
    public Dictionary<object, Exception>? LeftOut { get; set; }
}
