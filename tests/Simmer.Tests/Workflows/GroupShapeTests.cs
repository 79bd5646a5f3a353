using Simmer.Tests.Engine;

namespace Simmer.Tests.Workflows;

/// <summary>Groups as users write them, and the types that the compiler gives them.</summary>
public sealed class GroupShapeTests
{
    private static readonly string[] s_orders = ["1", "2"];

    [Fact]
    public void Jobs_of_one_result_make_a_typed_group()
    {
        Group<Receipt> listed = Group.Of(new Pay("1"), new Pay("2"));
        Group<Receipt> selected = Group.Of(s_orders.Select(static o => new Pay(o)));
        Group<Receipt> array = Group.Of(s_orders.Select(static o => new Pay(o)).ToArray());
        Group<Receipt> list = Group.Of(new List<Pay> { new("1") });
        Group<Receipt> empty = Group.Of<Receipt>([]);
        Group<Receipt> mixed = Group.Of<Receipt>(new Pay("1"), new TakePayment(2));
        Group<Receipt> chains = Group.Of(Chain.Of(new Pay("1")), Chain.Of(new Do("a")).Then(new Pay("2")));
        Group<Receipt> manyChains = Group.Of(s_orders.Select(static o => Chain.Of(new Do(o)).Then(new Pay(o))));
        Group<Receipt> longer = empty.And(new Pay("1")).And(Chain.Of(new Pay("2")));

        foreach (var group in new Group[] { listed, selected, array, list, empty, mixed, chains, manyChains, longer })
        {
            group.ShouldBeOfType<Group<Receipt>>();
        }
    }

    [Fact]
    public void Other_jobs_make_a_plain_group()
    {
        Group listed = Group.Of(new Do("a"), new Pay("1"));
        Group selected = Group.Of(s_orders.Select(static o => new Do(o)));
        Group list = Group.Of(new List<IJob> { new Do("a"), new Pay("1") });
        Group empty = Group.Of();
        Group emptyToo = Group.Of([]);
        Group elements = Group.Of(Chain.Of(new Do("a")), Group.Of(new Do("b")));
        Group sequence = Group.Of(s_orders.Select(static o => Chain.Of(new Do(o))));
        Group longer = empty.And(new Do("a")).And(new Pay("1")).And(Chain.Of(new Do("b"))).And(Group.Of());

        foreach (var group in new[] { listed, selected, list, empty, emptyToo, elements, sequence, longer })
        {
            group.GetType().ShouldBe(typeof(Group));
        }
    }

    [Fact]
    public void A_chain_knows_the_result_of_its_last_job()
    {
        Chain<Receipt> one = Chain.Of(new Pay("1"), undo: new Refund());
        Chain<Total> more = one.Then(Group.Of(new Measure(1))).Then(new AddUp());
        Chain plain = more.Then(new Do("a"));
        Chain<Receipt> again = plain.Then(new Pay("2")).OnFailure(new Do("alarm")).Finally(new Do("end"));

        (one, more, plain.GetType(), again).ShouldBe((one, more, typeof(Chain), again));
    }

    [Fact]
    public void A_step_keeps_its_result_type()
    {
        var flow = new Workflow();
        Step<Receipt> pay = flow.Add("pay", new Pay("1"));
        Step<Receipt> later = flow.Add("later", new Pay("2")).After(pay).When(pay, "x").On(StepRule.AllDone).After(new List<Step> { pay });
        Step<IReadOnlyList<Share>> shares = flow.Add("shares", Group.Of(new Measure(1)));
        Step<Total> total = flow.Add("total", Chain.Of(new AddUp())).After(shares);
        Step plain = flow.Add("plain", new Do("a")).After(total, later);

        (pay.Name, shares.Name, plain.Name).ShouldBe(("pay", "shares", "plain"));
    }

    [Fact]
    public void What_is_missing_is_refused_where_it_is_written()
    {
        Should.Throw<ArgumentNullException>(static () => Chain.Of((IJob)null!));
        Should.Throw<ArgumentNullException>(static () => Chain.Of((WorkflowElement)null!));
        Should.Throw<ArgumentNullException>(static () => Group.Of((IEnumerable<IJob>)null!));
        Should.Throw<ArgumentException>(static () => Group.Of(new Do("a"), null!)).Message.ShouldContain("Member 1 of the group is null");
        Should.Throw<ArgumentNullException>(static () => Group.Of().And((IJob)null!));
        Should.Throw<ArgumentNullException>(static () => new Workflow().Add("a", (IJob)null!));
        Should.Throw<ArgumentNullException>(static () => Chain.Of(new Do("a")).Finally(null!));
    }
}
