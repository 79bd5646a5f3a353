using Npgsql;
using Simmer.Storage;

namespace Simmer.Postgres;

// What the verbs that are not rooms yet use of the store's parts.
internal sealed partial class PostgresJobStore
{
    internal const int ReadySuspect = JobStates.ReadySuspectNumber;
    internal const string KeptForEver = StoredSteps.KeptForEver;
    internal const string WithNotes = ProgressRows.Join;
    internal const string VersionWithNotes = ProgressRows.Version;
    private const NpgsqlTypes.NpgsqlDbType UuidArray = SqlBatch.UuidArray;

    private static readonly TimeSpan s_flushLockTimeout = Session.ShortLockTimeout;
    private static readonly string s_same = DatabaseGuard.SameSql;

    private readonly DatabaseGuard _guard;
    private readonly StoreTransactions _transactions;
    private readonly Expiry _expiry;
    private readonly ClaimedKinds _claimedKinds;
    private readonly FlushNames _flushNames;
    private readonly NotedJobs _noted = new();
    private readonly ReportedProgress _progress;

    private PostgresDatabase _database => _context.Database;

    private PostgresStoreOptions _options => _context.Options;

    private TimeProvider _clock => _context.Clock;

    private Microsoft.Extensions.Logging.ILogger _logger => _context.Logger;

    private NameTable _names => _context.Names;

    private LowWater _lowWater => _context.LowWater;

    private Suspects _suspects => _context.Suspects;

    private AvoidedJobs _avoided => _context.Avoided;

    private PostgresMetrics _metrics => _context.Metrics;

    private StoreConnection _main => _connections.Main;

    private StoreConnection _side => _connections.Side;

    private Guid _identity => _context.Facts.Identity;

    internal static JobState Public(int state) => JobStates.Of(state);

    internal static JobId LastOf(WorkflowId workflow) => StoredSteps.LastOf(workflow);

    internal static DateTimeOffset? ByCaller(DateTimeOffset? theirs, TimeSpan ahead) => CallerTime.Of(theirs, ahead);

    private static DateTimeOffset ByCaller(DateTimeOffset theirs, TimeSpan ahead) => CallerTime.Of(theirs, ahead);

    private static DateTimeOffset ByServer(DateTimeOffset ours, TimeSpan ahead) => CallerTime.ToServer(ours, ahead);

    private static ValueTask<T> RunAsync<T>(StoreConnection connection, Func<NpgsqlConnection, Attempt, Task<T>> work,
        CancellationToken cancellationToken) => StoreTransactions.RunAsync(connection, work, cancellationToken);

    private static Task<List<HeldJob>> HoldAsync(Session session, JobId[] ids, bool skipLocked) =>
        HeldJobs.LockAsync(session, ids, skipLocked);

    private static Task FollowUpAsync(Session session, DateTimeOffset now) => session.FollowUpAsync(now);

    private static void TakeNotes(SqlBatch batch, IReadOnlyList<LeaseToken> noted) => ProgressRows.Take(batch, noted);

    private static void Note(SqlBatch batch, IReadOnlyList<ProgressNote> notes, long worker) => ProgressRows.Note(batch, notes, worker);

    private void ThrowIfNotOpen() => _context.State.ThrowIfNotOpen();

    private Session SessionOn(NpgsqlConnection connection, int weight = 0, bool isPlain = false, Attempt? attempt = null) =>
        _context.SessionOn(connection, weight, isPlain, attempt);

    private ValueTask<DateTimeOffset> TimeAsync(NpgsqlConnection connection, DateTimeOffset now) => _context.Time.NowAsync(connection, now);

    private void Announce(WorkflowChanges steps) => _transactions.Announce(steps);

    private Task<List<JobId>> ExpireAsync(Session session, IReadOnlyList<JobId> ids, DateTimeOffset now) =>
        _expiry.EndAsync(session, ids, now);

    private void TakeNotes(SqlBatch batch, LeaseToken token, long worker, bool seesPast) =>
        _progress.TakeWithin(batch, token, worker, seesPast);

    private void CountNotes(SqlBatch batch, LeaseToken token, long worker) => _progress.Count(batch, token, worker);

    private Task NoteCarefullyAsync(Session session, IReadOnlyList<ProgressNote> notes, long worker) =>
        _progress.NoteCarefullyAsync(session, notes, worker);

    private NameCheck NamesOf(Flush flush) => _flushNames.Of(flush);

    private ValueTask AddNamesAsync(NpgsqlConnection connection, Flush flush, Attempt attempt) =>
        _flushNames.AddAsync(connection, flush, attempt);

    private ValueTask AddNamesAsync(Flush flush, CancellationToken cancellationToken) => _flushNames.AddAsync(flush, cancellationToken);

    private Task RestoreNamesAsync(NpgsqlConnection connection) => _guard.RestoreNamesAsync(connection);

    private Task LookAgainAsync(NpgsqlConnection connection) => _guard.LookAgainAsync(connection);

    private Task<bool> TryMakeTablesAsync(StoreException error) => _guard.TryMakeTablesAsync(error);
}
