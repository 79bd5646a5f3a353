namespace Simmer.CrashTests.Worker;

/// <summary>The result of a step: the job and run that it comes from.</summary>
public sealed record Receipt(Guid Job, int Run);

/// <summary>A step of an order; it counts itself. So many attempts that no number of kills makes it fail.</summary>
/// <param name="What">What it is for.</param>
/// <param name="Milliseconds">How long it takes.</param>
/// <param name="Adds">How many steps it adds.</param>
[Job("part", MaxAttempts = 1_000)]
public sealed record Part(string What, int Milliseconds = 0, int Adds = 0) : IJob<Receipt>;

/// <summary>A step that takes what the nearest before it did.</summary>
[Job("follow", MaxAttempts = 1_000)]
public sealed record Follow(string What) : IJob<Receipt>;

/// <summary>A step that takes what all those directly before it did.</summary>
[Job("join", MaxAttempts = 1_000)]
public sealed record Join(string What) : IJob<Receipt>;

/// <summary>A step that fails for good, as it is meant to.</summary>
[Job(Kind, MaxAttempts = 1_000)]
public sealed record Doomed(string What) : IJob<Receipt>
{
    public const string Kind = "doomed";
}

/// <summary>A step of a workflow that is deleted as soon as it has ended, which is soon.</summary>
[Job(Kind, MaxAttempts = 1_000, Priority = 1)]
public sealed record Fleeting(int Milliseconds = 0) : IJob, ICount
{
    public const string Kind = "fleeting";

    public int Throws => 0;
}

/// <summary>A step that leaves no trace but its end, and of which there are very many.</summary>
[Job(Kind, MaxAttempts = 1_000)]
public sealed record Leaf : IJob
{
    public const string Kind = "leaf";
}

/// <summary>Counts the leaves that this process has ended.</summary>
internal static class Leaves
{
    private static int s_count;

    public static int Count => s_count;

    public static void Ended() => Interlocked.Increment(ref s_count);
}

/// <summary>The workflows that are enqueued while processes are killed.</summary>
public static class Flows
{
    /// <summary>Payment, then stock beside invoice, then the mail: as it should be, with a declined card, or without stock.</summary>
    public static WorkflowElement Order(Random random)
    {
        var fails = random.Next(6);
        return Chain.Of("pay", Job(fails == 0, "pay", random), undo: new Follow("refund"))
            .Then(Group.Of()
                .And("stock", Job(fails == 1, "stock", random), undo: new Follow("restock"))
                .And("invoice", Job(false, "invoice", random), undo: new Follow("credit")))
            .Then("mail", new Join("mail"))
            .OnFailure(new Part("alarm"))
            .Finally(new Part("sweep"));
    }

    /// <summary>Many side by side, and a join.</summary>
    public static WorkflowElement Fan(Random random) => Chain.Of("begin", new Part("begin"))
        .Then(Group.Of(Enumerable.Range(0, random.Next(2, 16)).Select(i => (IJob)new Part("fan", i % 5))))
        .Then("join", new Join("join"));

    /// <summary>A step that adds a number of steps which it decides itself, and a join after them.</summary>
    public static WorkflowElement Decided(Random random) =>
        Chain.Of("decide", new Part("decide", Adds: random.Next(1, 6)), undo: new Follow("undecide"))
        .Then("join", new Join("join"))
        .Then("end", Job(random.Next(4) == 0, "end", random));

    public static WorkflowElement Brief() => Chain.Of(Group.Of(new Fleeting(), new Fleeting(2))).Then(new Fleeting());

    private static IJob Job(bool fails, string what, Random random) =>
        fails ? new Doomed(what) : new Part(what, random.Next(3) == 0 ? random.Next(20) : 0);
}
