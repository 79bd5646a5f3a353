namespace Simmer.Storage.Decisions;

/// <summary>Which suspects one claim of a queue takes, asked for one ready job after the other, best first. A worker has few suspects at a
/// time, the fewer the more often workers died under them.</summary>
/// <param name="room">The room that the worker has left for suspects of any queue.</param>
/// <param name="most">How many suspects this queue may start.</param>
internal struct SuspectPick(SuspectRoom room, int most)
{
    /// <summary>The room that is left.</summary>
    public SuspectRoom Room { get; private set; } = room;

    /// <summary>How many suspects the queue may still start.</summary>
    public int Left { get; private set; } = Math.Min(most, room.Most);

    /// <summary>Whether a job may be taken; a suspect that may be takes up its room. One that turns out to have expired counts all the
    /// same: a database fetches suspects by a query of their own.</summary>
    /// <param name="suspicion">The job's level as a suspect; 0: it is none, and may be taken.</param>
    /// <returns>Whether it may.</returns>
    public bool Takes(int suspicion)
    {
        if (suspicion <= 0)
        {
            return true;
        }

        if (Left <= 0 || !Room.Takes(suspicion))
        {
            // No suspect that comes later overtakes this one: one of a high level would wait for ever for those of lower levels.
            Left = 0;
            return false;
        }

        Room = Room.With(suspicion);
        Left--;
        return true;
    }
}
