namespace Peers.Serving;

/// <summary>The job that is measured: 200 bytes of JSON, and nothing to do.</summary>
/// <param name="At">When it was asked for, in nanoseconds of the monotonic clock that all processes of a machine share; 0: its start is not
/// timed.</param>
/// <param name="Text">Makes it as long as wanted.</param>
[Simmer.Job("note")]
public sealed record Note(long At, string Text) : Simmer.IJob
{
    // One for all jobs: making it is not what is measured.
    private static readonly string s_text = new('x', 182);

    /// <summary>A job.</summary>
    /// <param name="at">When it was asked for, if its start is to be timed.</param>
    public static Note Make(long at = 0) => new(at, s_text);
}
