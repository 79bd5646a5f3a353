using System.Text.Json.Serialization;

namespace Simmer.Load.Running;

/// <summary>A store with its durability, and whether it keeps what succeeded.</summary>
internal sealed record Setting(StoreChoice Store, bool Keep)
{
    [JsonIgnore]
    public bool IsDurable => Store != StoreChoice.Memory;

    [JsonIgnore]
    public bool IsSqlite => Store is StoreChoice.Full or StoreChoice.Normal;

    [JsonIgnore]
    public bool IsPostgres => Store == StoreChoice.Postgres;

    [JsonIgnore]
    public string StoreName => IsSqlite ? $"sqlite {Store.ToString().ToUpperInvariant()}" : Store.ToString().ToLowerInvariant();

    [JsonIgnore]
    public string KeepName => Keep ? "1 day" : "none";
}
