namespace Peers.Servers;

/// <summary>A folder for a database file.</summary>
internal sealed class FolderGround : IGround
{
    public string Address { get; } = Directory.CreateTempSubdirectory("simmer-peers").FullName;

    public Task SettleAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Address, recursive: true);
        return ValueTask.CompletedTask;
    }
}
