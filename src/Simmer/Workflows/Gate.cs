namespace Simmer.Workflows;

internal sealed class Gate(int number)
{
    public int Number => number;

    public int Pending { get; set; }

    public LinkBuilder Next { get; } = new();
}
