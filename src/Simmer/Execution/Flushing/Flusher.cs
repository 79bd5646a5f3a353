using Simmer.Context;
using Simmer.Execution.Intake;
using Simmer.Storage;

namespace Simmer.Execution.Flushing;

/// <summary>Sends the operations of this process to one store: the main flushes one after another, and beside them flushes with operations
/// that other transactions block.</summary>
internal sealed class Flusher
{
    private readonly FlushIntake _main;
    private readonly FlushIntake _apart;
    private readonly FlushLoop _loop;

    public Flusher(
        EngineContext context, IJobStore store, FlushIntake intake, WorkerRegistration registration, QueueRunner runner, WorkerLoss loss,
        Adoption adoption, Releases releases, DueTimes due, SetAsideJobs setAside)
    {
        (_main, _apart) = (intake, new FlushIntake(context.Time, store.IsDurable));
        var refused = new RefusedRetries(context, store.Name, _main);
        _loop = LoopOf(_main, isApart: false);
        _apart.SendThrough(LoopOf(_apart, isApart: true));
        _main.SendThrough(_loop);

        FlushLoop LoopOf(FlushIntake own, bool isApart)
        {
            var plan = new FlushPlan(runner, isApart);
            var overdue = new OverdueCalls(context, store.Name, own, isApart);
            return new FlushLoop(
                context, store, registration, loss, adoption, runner, own, plan,
                new FlushAnswers(context, registration, runner, releases, due, setAside, plan), overdue,
                new BlockedCalls(context, store.Name, _main, _apart, overdue, isApart), refused, isApart);
        }
    }

    /// <summary>Why nothing of this process reaches the store at present, though it answers; null: it does.</summary>
    public string? Obstacle => _loop.Obstacle;

    /// <summary>How many ends of jobs the store refuses at present, with one of them; null: none.</summary>
    public (int Count, Refusal One)? RefusedEnds => _main.RefusedEnds;

    /// <summary>Ends when everything handed over so far has been answered, also what is sent apart.</summary>
    public async Task WhenIdle()
    {
        await _main.WhenIdle();
        await _apart.WhenIdle();
    }

    /// <summary>How often there has been something to do, if there is nothing to do now; null: there is. The same number twice means that
    /// nothing came in between.</summary>
    public long? Rests => _main.Rests + _apart.Rests;

    /// <summary>Refuses enqueues from now on.</summary>
    public void Close() => _main.Close();

    /// <summary>The store is about to be disposed: what could not be written is not tried again. The rescue finds it.</summary>
    public void Abandon()
    {
        _main.Abandon();
        _apart.Abandon();
    }
}
