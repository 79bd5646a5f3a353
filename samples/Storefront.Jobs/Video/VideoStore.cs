using Dapper;
using Storefront.Shared;

namespace Storefront.Video;

/// <summary>The videos in the shop's database.</summary>
public sealed class VideoStore(ShopDatabase shop, VideoFolder folder, TimeProvider clock)
{
    public async Task AddAsync(Guid id, string name, long bytes, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO videos (id, name, bytes, created_at) VALUES (@id, @name, @bytes, @now)",
            new { id = id.ToString(), name, bytes, now = clock.GetUtcNow().ToString("O") }, cancellationToken: cancellationToken));
    }

    public async Task RemoveAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        await connection
            .ExecuteAsync(new CommandDefinition("DELETE FROM videos WHERE id = @id", new { id = id.ToString() },
            cancellationToken: cancellationToken));
    }

    public async Task<bool> IsNotedAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM videos WHERE id = @id)", new { id = id.ToString() }, cancellationToken: cancellationToken));
    }

    /// <summary>The newest videos, newest first.</summary>
    public async Task<IReadOnlyList<VideoSummary>> NewestAsync(int count, CancellationToken cancellationToken)
    {
        await using var connection = await shop.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Id, string Name, long Bytes)>(new CommandDefinition(
            "SELECT id, name, bytes FROM videos ORDER BY created_at DESC, id DESC LIMIT @count", new { count },
                cancellationToken: cancellationToken));
        return [.. rows.Select(row => Summary(Guid.Parse(row.Id), row.Name, row.Bytes))];
    }

    private VideoSummary Summary(Guid id, string name, long bytes)
    {
        var result = new FileInfo(folder.ResultOf(id));
        return new VideoSummary(id, name, bytes, VideoStarter.WorkflowOf(id).Value, result.Exists ? result.Length : null,
            File.Exists(folder.ThumbnailOf(id)));
    }
}

/// <summary>A video in the list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The name that the user's file has.</param>
/// <param name="Bytes">The size of the upload; 0: a job makes it.</param>
/// <param name="Workflow">What is done with it.</param>
/// <param name="ResultBytes">The size of what came out, once it is there.</param>
/// <param name="HasThumbnail">Whether there is a picture of it.</param>
public sealed record VideoSummary(Guid Id, string Name, long Bytes, Guid Workflow, long? ResultBytes, bool HasThumbnail);
