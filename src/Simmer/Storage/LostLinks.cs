using System.Diagnostics.CodeAnalysis;

namespace Simmer.Storage;

/// <summary>Finds the children of damaged steps and gates of a workflow, whose links cannot be read: they are the steps that wait for more
/// links than the readable ones account for.</summary>
/// <remarks>It is filled with the whole workflow, after everything that can be reported has been reported.</remarks>
[Experimental(StoreSeam.Id, Message = StoreSeam.Message)]
public sealed class LostLinks
{
    private readonly Dictionary<int, int> _open = [];
    private readonly Dictionary<int, StepDraft> _tail = [];
    private readonly HashSet<int> _damaged = [];
    private bool _isGateDamaged;
    private bool _isDamagedOpen;
    private StepEnd? _worst;

    /// <summary>Adds a step.</summary>
    /// <param name="step">The step; damaged, a stand-in (<see cref="StepDraft.IsDamaged"/>).</param>
    /// <param name="state">Its state.</param>
    /// <param name="tally">How those before it stand.</param>
    public void Add(StepDraft step, JobState state, StepTally tally)
    {
        ArgumentNullException.ThrowIfNull(step);
        Await(step.Number, tally.Pending);
        if (step.Role != StepRole.Step)
        {
            _tail[step.Number] = step;
        }

        if (!state.IsFinal() || tally.Pending > 0)
        {
            Account(step.Next);
        }
        else if (step.IsDamaged)
        {
            _ = _damaged.Add(step.Number);
            Worsen(StepLedger.EndOf(state, tally));
        }
    }

    /// <summary>Adds a gate.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="tally">How those before it stand.</param>
    /// <param name="next">The steps that it reports to; <see cref="StepLink.Lost"/> if it is damaged.</param>
    public void Add(int number, StepTally tally, IReadOnlyList<StepLink> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        Await(number, tally.Pending);
        if (tally.Pending > 0)
        {
            Account(next);
        }
        else if (next is [{ IsLost: true }])
        {
            _isGateDamaged = true;
            Worsen(tally.End);
        }
    }

    /// <summary>Adds the workflow's end.</summary>
    /// <param name="pending">How many links to it have not reported.</param>
    public void AddEnd(int pending) => Await(0, pending);

    /// <summary>Finds the links that will never be reported. It finds none while something damaged has not ended, because they may be its
    /// own.</summary>
    /// <param name="end">How to report them: by the worst end of the damaged ones, or as a failure if none is damaged and rows are
    /// missing.</param>
    /// <returns>The links.</returns>
    public IReadOnlyList<StepLink> Find(out StepEnd end)
    {
        end = _worst ?? StepEnd.Failed;
        return _isDamagedOpen ? [] : [.. _open.Where(static o => o.Value > 0).SelectMany(o => LinksTo(o.Key, o.Value))];
    }

    private IEnumerable<StepLink> LinksTo(int number, int count) =>
        Kinds(number).Take(count).Select(kind => new StepLink(StepNumbers.Of(number), kind, []));

    /// <summary>The possible kinds of the links to a step, the most significant first. A step of the tail learns by a gate how ordinary
    /// steps ended, by a link of its own how the step ended that it undoes, and otherwise only that the step before it has ended.</summary>
    private IEnumerable<StepLinkKind> Kinds(int number)
    {
        var isTail = _tail.TryGetValue(number, out var step);
        if (isTail && _isGateDamaged)
        {
            yield return StepLinkKind.Normal;
        }

        if (isTail && step!.Role == StepRole.Undo && step.Parents.Any(_damaged.Contains))
        {
            yield return StepLinkKind.Target;
        }

        while (true)
        {
            yield return isTail ? StepLinkKind.Order : StepLinkKind.Normal;
        }
    }

    private void Await(int number, int links) => _open[number] = _open.GetValueOrDefault(number) + links;

    private void Account(IReadOnlyList<StepLink> next)
    {
        foreach (var link in next)
        {
            _isDamagedOpen |= link.IsLost;
            foreach (var number in link.To)
            {
                Await(number, -1);
            }
        }
    }

    private void Worsen(StepEnd end)
    {
        if (_worst is not { } worst || Badness(end) > Badness(worst))
        {
            _worst = end;
        }
    }

    private static int Badness(StepEnd end) => end switch
    {
        StepEnd.Failed => 3,
        StepEnd.Broken => 2,
        StepEnd.Skipped => 1,
        _ => 0,
    };
}
