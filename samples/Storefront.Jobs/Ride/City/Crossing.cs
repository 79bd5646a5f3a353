namespace Storefront.Ride;

/// <summary>Where a street and an avenue meet.</summary>
/// <param name="Id">Its number: row by row, from 0.</param>
/// <param name="Column">Its column, from 0.</param>
/// <param name="Row">Its row, from 0.</param>
/// <param name="X">Metres from the west end of the city.</param>
/// <param name="Y">Metres from the north end of the city.</param>
/// <param name="Address">What people call it, such as <c>Basil &amp; 4</c>.</param>
public sealed record Crossing(int Id, int Column, int Row, double X, double Y, string Address);
