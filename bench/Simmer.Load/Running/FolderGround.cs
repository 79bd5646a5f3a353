namespace Simmer.Load.Running;

/// <summary>A temporary folder.</summary>
internal sealed class FolderGround() : Ground(Directory.CreateTempSubdirectory("simmer-load").FullName)
{
    public override ValueTask DisposeAsync()
    {
        Directory.Delete(Address, recursive: true);
        return ValueTask.CompletedTask;
    }
}
