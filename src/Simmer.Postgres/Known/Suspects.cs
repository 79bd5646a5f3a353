namespace Simmer.Postgres;

/// <summary>Whether there may be ready suspects. A claim that may take one is dearer, and there are hardly ever any.</summary>
internal sealed class Suspects
{
    private volatile bool _mayExist = true;

    public bool MayExist => _mayExist;

    /// <summary>This process has made one.</summary>
    public void Made() => _mayExist = true;

    /// <summary>The heartbeat has seen whether there are any.</summary>
    public void Seen(bool exist) => _mayExist = exist;
}
