using Simmer.StoreTests.Conformance;

namespace Simmer.StoreTests.Stores;

public sealed class PostgresEnqueueing : Enqueueing<PostgresStores>;

public sealed class PostgresGroups : Groups<PostgresStores>;

public sealed class PostgresClaiming : Claiming<PostgresStores>;

public sealed class PostgresDispatching : Dispatching<PostgresStores>;

public sealed class PostgresSettling : Settling<PostgresStores>;

public sealed class PostgresGivingBack : GivingBack<PostgresStores>;

public sealed class PostgresUniqueKeys : UniqueKeys<PostgresStores>;

public sealed class PostgresExpiring : Expiring<PostgresStores>;

public sealed class PostgresCancelling : Cancelling<PostgresStores>;

public sealed class PostgresRetrying : Retrying<PostgresStores>;

public sealed class PostgresDeleting : Deleting<PostgresStores>;

public sealed class PostgresWorkers : Workers<PostgresStores>;

public sealed class PostgresUpkeepLeases : UpkeepLeases<PostgresStores>;

public sealed class PostgresRescuing : Rescuing<PostgresStores>;

public sealed class PostgresPromoting : Promoting<PostgresStores>;

public sealed class PostgresPruning : Pruning<PostgresStores>;

public sealed class PostgresRetaining : Retaining<PostgresStores>;

public sealed class PostgresQueues : Queues<PostgresStores>;

public sealed class PostgresBrowsing : Browsing<PostgresStores>;

public sealed class PostgresRepeating : Repeating<PostgresStores>;

public sealed class PostgresAgreesWithTheModel : AgreesWithTheModel<PostgresStores>
{
    // Each takes about a second: a schema of its own, and a round trip for every step.
    protected override int UsualSequences => 50;
}

public sealed class PostgresAnswersAsRecorded : AnswersAsRecorded<PostgresStores>
{
    // As above: each takes about a second.
    protected override int Tried => 10;
}

public sealed class PostgresSettlingWithin : SettlingWithin<PostgresStores>;

public sealed class PostgresRefusing : Refusing<PostgresStores>;
