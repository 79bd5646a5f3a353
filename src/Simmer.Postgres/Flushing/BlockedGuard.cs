using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

/// <summary>Tries the operations of a flush that is sent apart, each by itself, and leaves out what another transaction is in the way
/// of.</summary>
internal sealed class BlockedGuard(Session session, ContendedOperations contended)
{
    /// <summary>How often such a flush waits for other transactions before it leaves out what it has not tried yet: its connection is
    /// needed for other things.</summary>
    private const int MostWaits = 4;

    private readonly List<int> _leftOut = [];
    private int _waits;

    /// <summary>The numbers of what was left out.</summary>
    public IReadOnlyList<int> LeftOut => _leftOut;

    /// <inheritdoc cref="FlushRun.TryAsync"/>
    public async Task<bool> TryAsync(JobId id, JobDraft? job, IReadOnlyList<int> numbers, Func<Task> work, Action<Exception> refuse)
    {
        if (_waits >= MostWaits)
        {
            _leftOut.AddRange(numbers);
            return false;
        }

        try
        {
            await session.Batch().Add("SAVEPOINT apart").RunAsync();
            if (await session.TryAsync($"apart {id}", work) is { } refused)
            {
                refuse(refused);
            }

            await session.Batch().Add("RELEASE apart").RunAsync();
            contended.Free(id, job);
            return true;
        }
        catch (PostgresException blocked) when (blocked.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            session.Steps.Forget();
            session.Changes.Forget();
            await session.Batch().Add("ROLLBACK TO apart").Add("RELEASE apart").RunAsync();
            _waits++;
            _leftOut.AddRange(numbers);
            contended.Note(id, job);
            return false;
        }
    }
}
