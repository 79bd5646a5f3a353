using Simmer.Jobs;

namespace Simmer;

/// <summary>A step of a <see cref="Workflow"/> that is being put together, or one that a running step adds.</summary>
public class Step
{
    private readonly List<(Step Parent, IReadOnlyList<string> Labels)> _parents = [];

    internal Step(object owner, string name, object element) => (Owner, Name, Element) = (owner, name, element);

    /// <summary>Its name, unique in the workflow.</summary>
    public string Name { get; }

    internal object Owner { get; }

    /// <summary>What it runs: an element of a workflow.</summary>
    internal object Element { get; }

    internal StepRule StepRule { get; private set; }

    internal IReadOnlyList<(Step Parent, IReadOnlyList<string> Labels)> Parents => _parents;

    /// <summary>Waits for other steps. Called several times, it waits for all of them.</summary>
    /// <param name="parents">The steps to wait for; also ones that are added later.</param>
    /// <returns>The step.</returns>
    public Step After(params ReadOnlySpan<Step> parents)
    {
        foreach (var parent in parents)
        {
            AddParent(parent, []);
        }

        return this;
    }

    /// <inheritdoc cref="After(ReadOnlySpan{Step})"/>
    public Step After(IEnumerable<Step> parents)
    {
        ArgumentNullException.ThrowIfNull(parents);
        foreach (var parent in parents)
        {
            AddParent(parent, []);
        }

        return this;
    }

    /// <summary>Waits for a step and runs only if its handler returns one of these branches (see <see cref="JobVerdict.Branch(string)"/>);
    /// else it is skipped.</summary>
    /// <param name="parent">The step that chooses.</param>
    /// <param name="branches">The branches.</param>
    /// <returns>The step.</returns>
    public Step When(Step parent, params ReadOnlySpan<string> branches)
    {
        if (branches.IsEmpty)
        {
            throw new ArgumentException("When takes at least one branch; to wait for a step whatever it returns, use After.",
                nameof(branches));
        }

        foreach (var branch in branches)
        {
            StepNames.CheckBranch(branch);
        }

        AddParent(parent, branches.ToArray());
        return this;
    }

    /// <summary>Sets the rule that decides, once all its parents are final, whether it runs.</summary>
    /// <param name="rule">The rule.</param>
    /// <returns>The step.</returns>
    public Step On(StepRule rule)
    {
        StepRule = Enum.IsDefined(rule)
            ? rule
            : throw new ArgumentOutOfRangeException(nameof(rule), rule,
                $"There is no such rule; there are {string.Join(", ", Enum.GetNames<StepRule>())}.");
        return this;
    }

    private void AddParent(Step parent, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(parent);
        if (!ReferenceEquals(parent.Owner, Owner))
        {
            throw new ArgumentException($"Step '{Name}' cannot wait for '{parent.Name}', which is a step of another workflow.",
                nameof(parent));
        }

        if (ReferenceEquals(parent, this))
        {
            throw new ArgumentException($"Step '{Name}' cannot wait for itself.", nameof(parent));
        }

        if (!_parents.Exists(p => p.Parent == parent && p.Labels.SequenceEqual(labels)))
        {
            _parents.Add((parent, labels));
        }
    }
}

/// <summary>A step that gives a result.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public sealed class Step<TResult> : Step
{
    internal Step(object owner, string name, object element)
        : base(owner, name, element)
    {
    }

    /// <inheritdoc cref="Step.After(ReadOnlySpan{Step})"/>
    public new Step<TResult> After(params ReadOnlySpan<Step> parents)
    {
        _ = base.After(parents);
        return this;
    }

    /// <inheritdoc cref="Step.After(IEnumerable{Step})"/>
    public new Step<TResult> After(IEnumerable<Step> parents)
    {
        _ = base.After(parents);
        return this;
    }

    /// <inheritdoc cref="Step.When"/>
    public new Step<TResult> When(Step parent, params ReadOnlySpan<string> branches)
    {
        _ = base.When(parent, branches);
        return this;
    }

    /// <inheritdoc cref="Step.On"/>
    public new Step<TResult> On(StepRule rule)
    {
        _ = base.On(rule);
        return this;
    }
}
