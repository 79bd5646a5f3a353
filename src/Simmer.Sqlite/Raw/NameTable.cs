namespace Simmer.Sqlite;

/// <summary>The names of queues and kinds, which are stored as small numbers.</summary>
/// <remarks>Numbers are never given twice and the store never deletes names, so what was read once stays true until somebody else has
/// written (<see cref="Prove"/>). The exception is what an open transaction added or put back: after a rollback the names are read again,
/// and compared with those that were committed.</remarks>
internal sealed class NameTable(SqliteSession session)
{
    private static readonly Sql s_queues = new("SELECT id, name FROM simmer_queue WHERE id > ?1");
    private static readonly Sql s_kinds = new("SELECT id, name FROM simmer_kind WHERE id > ?1");
    private static readonly Sql s_dataVersion = new("PRAGMA data_version");
    private static readonly Sql s_restoreQueue = new("INSERT OR IGNORE INTO simmer_queue(id, name) VALUES(?1, ?2)");
    private static readonly Sql s_restoreKind = new("INSERT OR IGNORE INTO simmer_kind(id, name) VALUES(?1, ?2)");
    private static readonly Sql s_addQueue = new("INSERT INTO simmer_queue(name) VALUES(?1)");
    private static readonly Sql s_addKind = new("INSERT INTO simmer_kind(name) VALUES(?1)");

    private readonly Names _queues = new(session, s_queues, s_addQueue, s_restoreQueue);
    private readonly Names _kinds = new(session, s_kinds, s_addKind, s_restoreKind);
    private long _proved = -1;
    private IReadOnlyCollection<string>? _known;
    private long _knownUpTo;
    private long[] _unknown = [];

    /// <summary>To be called at the start of a transaction that writes. If another connection has written since the last time, and has
    /// taken names out, they get their numbers back where those are free, and all names are read again.</summary>
    /// <returns>Whether any was taken out.</returns>
    /// <remarks>It compares with what was committed, and not with what is known at the moment, which a rollback may have
    /// forgotten.</remarks>
    public bool Prove()
    {
        var version = session[s_dataVersion].Number() ?? 0;
        if (version == _proved)
        {
            return false;
        }

        _proved = version;
        var (queues, kinds) = (_queues.IsTrue(), _kinds.IsTrue());
        if (queues && kinds)
        {
            return false;
        }

        _queues.Restore();
        _kinds.Restore();
        _known = null;
        return true;
    }

    /// <summary>The number of a queue, given now if it has none; only inside a transaction that writes.</summary>
    public long Queue(string name) => _queues.IdOf(name, add: true);

    /// <summary>The number of a queue; 0 if it has none.</summary>
    public long FindQueue(string name) => _queues.IdOf(name, add: false);

    public long Kind(string name) => _kinds.IdOf(name, add: true);

    /// <summary>The name that belongs to the number of a queue; if there is none, a text that says so.</summary>
    public string QueueName(long id) => _queues.NameOf(id) ?? $"(queue {id})";

    public string KindName(long id) => _kinds.NameOf(id) ?? $"(kind {id})";

    /// <summary>Whether a queue and a kind have names.</summary>
    public bool Know(long queue, long kind) => _queues.NameOf(queue) is not null && _kinds.NameOf(kind) is not null;

    /// <summary>The kinds in the database that a worker does not know. Remembered for the same collection until a kind is added.</summary>
    public long[] UnknownKinds(IReadOnlyCollection<string> known)
    {
        _kinds.Refresh();
        if (!ReferenceEquals(known, _known) || _knownUpTo != _kinds.Last)
        {
            var set = known as IReadOnlySet<string> ?? new HashSet<string>(known, StringComparer.Ordinal);
            _unknown = [.. _kinds.All.Where(kind => !set.Contains(kind.Value)).Select(kind => kind.Key)];
            (_known, _knownUpTo) = (known, _kinds.Last);
        }

        return _unknown;
    }

    /// <summary>To be called when a part of a transaction was undone, with the names that it had added or put back. The names are read
    /// again, and the next transaction proves them.</summary>
    public void Forget()
    {
        _queues.Forget();
        _kinds.Forget();
        _known = null;
        _proved = -1;
    }

    /// <summary>To be called when the transaction was committed: the names that are known now must be there from now on.</summary>
    public void Commit()
    {
        _queues.Commit();
        _kinds.Commit();
    }

    private sealed class Names(SqliteSession session, Sql read, Sql add, Sql restore)
    {
        private readonly Dictionary<string, long> _ids = new(StringComparer.Ordinal);
        private readonly Dictionary<long, string> _names = [];
        private readonly Dictionary<long, string> _committed = [];
        private bool _hasNew;
        private bool _wasRestored;

        public long Last { get; private set; }

        public IReadOnlyDictionary<long, string> All => _names;

        public long IdOf(string name, bool add)
        {
            if (_ids.TryGetValue(name, out var id))
            {
                return id;
            }

            Refresh();
            return _ids.TryGetValue(name, out id) ? id : add ? Add(name) : 0;
        }

        public string? NameOf(long id)
        {
            if (!_names.TryGetValue(id, out var name))
            {
                Refresh();
                name = _names.GetValueOrDefault(id);
            }

            return name;
        }

        /// <summary>Whether all that was committed is there still.</summary>
        public bool IsTrue()
        {
            var found = 0;
            var statement = session[read].Bind(1, 0L);
            while (statement.Step())
            {
                found += _committed.TryGetValue(statement.Long(0), out var name) && name == statement.Text(1) ? 1 : 0;
            }

            return found == _committed.Count;
        }

        /// <summary>Puts names back under their numbers. A number that another name has got since stays with that name.</summary>
        public void Restore()
        {
            foreach (var (id, name) in _committed)
            {
                _ = session[restore].Bind(1, id).Bind(2, name).Run();
            }

            Forget();
            Refresh();
            _wasRestored = true;
        }

        public void Refresh()
        {
            var statement = session[read].Bind(1, Last);
            while (statement.Step())
            {
                Note(statement.Long(0), statement.Text(1));
            }
        }

        public void Forget()
        {
            _ids.Clear();
            _names.Clear();
            Last = 0;
            (_hasNew, _wasRestored) = (false, false);
        }

        public void Commit()
        {
            if (!_hasNew)
            {
                return;
            }

            if (_wasRestored)
            {
                // A number or a name that could not be put back belongs to another by now.
                _committed.Clear();
            }

            foreach (var (id, name) in _names)
            {
                _committed[id] = name;
            }

            (_hasNew, _wasRestored) = (false, false);
        }

        private long Add(string name)
        {
            _ = session[add].Bind(1, name).Run();
            Note(session.LastInsertRowId, name);
            return Last;
        }

        private void Note(long id, string name)
        {
            _ids[name] = id;
            _names[id] = name;
            _hasNew = true;
            Last = Math.Max(Last, id);
        }
    }
}
