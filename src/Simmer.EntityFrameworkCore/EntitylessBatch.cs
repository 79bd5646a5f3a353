using Microsoft.EntityFrameworkCore.Update;

namespace Simmer.EntityFrameworkCore;

/// <summary>A batch that writes no entities.</summary>
internal abstract class EntitylessBatch : ModificationCommandBatch
{
    public override IReadOnlyList<IReadOnlyModificationCommand> ModificationCommands => [];

    public override bool RequiresTransaction => true;

    public override bool AreMoreBatchesExpected => true;

    public override bool TryAddCommand(IReadOnlyModificationCommand modificationCommand) => false;

    public override void Complete(bool moreBatchesExpected)
    {
    }
}
