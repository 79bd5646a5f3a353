namespace Storefront.Ride;

/// <summary>A part of the city. Its dispatcher knows which drivers are free in it.</summary>
/// <param name="Id">Its name in the names of steps.</param>
/// <param name="Name">Its name.</param>
/// <param name="Column">The first of its columns.</param>
/// <param name="Row">The first of its rows.</param>
/// <param name="Size">How many columns and rows it has.</param>
public sealed record Zone(string Id, string Name, int Column, int Row, int Size)
{
    public bool Contains(Crossing crossing) => BlocksTo(crossing) == 0;

    /// <summary>How many blocks a crossing is away from its nearest corner; 0: inside.</summary>
    public int BlocksTo(Crossing crossing) => Math.Max(Outside(crossing.Column - Column), Outside(crossing.Row - Row));

    private int Outside(int position) => position < 0 ? -position : Math.Max(0, position - Size + 1);
}
