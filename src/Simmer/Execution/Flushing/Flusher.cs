using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Sends what this process wants of one store: flushes for everybody, one after the other, and beside them flushes with what other
/// transactions block.</summary>
internal sealed class Flusher
{
    private readonly FlushIntake _apart;
    private readonly FlushLoop _loop;

    public Flusher(StoreEngine engine)
    {
        Intake = new FlushIntake(engine.Context.Time, engine.Store.IsDurable);
        _apart = new FlushIntake(engine.Context.Time, engine.Store.IsDurable);
        var refused = new RefusedRetries(engine.Context, engine.Store.Name, Intake);
        _loop = LoopOf(Intake, isApart: false);
        _apart.SendThrough(LoopOf(_apart, isApart: true));
        Intake.SendThrough(_loop);

        FlushLoop LoopOf(FlushIntake intake, bool isApart)
        {
            var plan = new FlushPlan(engine.Runner, isApart);
            var overdue = new OverdueCalls(engine.Context, engine.Store.Name, intake, isApart);
            var blocked = new BlockedCalls(engine.Context, engine.Store.Name, Intake, _apart, overdue, isApart);
            return new FlushLoop(engine, intake, plan, new FlushAnswers(engine, plan), overdue, blocked, refused, isApart);
        }
    }

    /// <summary>What is handed over here is sent.</summary>
    public FlushIntake Intake { get; }

    /// <summary>Why nothing of this process reaches the store at present, though it answers; null: it does.</summary>
    public string? Obstacle => _loop.Obstacle;

    /// <summary>How many ends of jobs the store refuses at present, with one of them; null: none.</summary>
    public (int Count, Refusal One)? RefusedEnds => Intake.RefusedEnds;

    /// <summary>Ends when everything handed over so far has been answered, also what is sent apart.</summary>
    public async Task WhenIdle()
    {
        await Intake.WhenIdle();
        await _apart.WhenIdle();
    }

    /// <summary>How often there has been something to do, if there is nothing to do now; null: there is. The same number twice means that
    /// nothing came in between.</summary>
    public long? Rests => Intake.Rests + _apart.Rests;

    /// <summary>Refuses enqueues from now on.</summary>
    public void Close() => Intake.Close();

    /// <summary>The store is about to be disposed: what could not be written is not tried again. The rescue finds it.</summary>
    public void Abandon()
    {
        Intake.Abandon();
        _apart.Abandon();
    }
}
