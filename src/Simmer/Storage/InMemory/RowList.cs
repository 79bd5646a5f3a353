namespace Simmer.Storage.InMemory;

/// <summary>A doubly linked list through the rows themselves: adding and removing allocates nothing.</summary>
internal sealed class RowList
{
    public JobRow? First { get; private set; }

    public JobRow? Last { get; private set; }

    public int Count { get; private set; }

    public void AddLast(JobRow row)
    {
        row.Previous = Last;
        _ = Last is null ? First = row : Last.Next = row;
        Last = row;
        Count++;
    }

    public void AddFirst(JobRow row)
    {
        row.Next = First;
        _ = First is null ? Last = row : First.Previous = row;
        First = row;
        Count++;
    }

    public void Remove(JobRow row)
    {
        _ = row.Previous is null ? First = row.Next : row.Previous.Next = row.Next;
        _ = row.Next is null ? Last = row.Previous : row.Next.Previous = row.Previous;
        row.Next = row.Previous = null;
        Count--;
    }
}
