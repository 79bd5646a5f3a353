using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Simmer.Sqlite;

namespace Simmer.StoreTests.Sqlite;

/// <summary>A connection string means the same file to the store as to Microsoft.Data.Sqlite.</summary>
public sealed class DataDirectoryTests : IDisposable
{
    private string Folder { get; } = Directory.CreateTempSubdirectory("simmer").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    [Theory]
    [InlineData("|DataDirectory|jobs.db")]
    [InlineData("|datadirectory|jobs.db")]
    [InlineData("jobs.db")]
    [InlineData("./sub/../jobs.db")]
    public void With_a_data_directory_both_open_the_same_file(string source)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "sub"));
        AppDomain.CurrentDomain.SetData("DataDirectory", Folder);
        try
        {
            var text = $"Data Source={source};Pooling=False";
            using var connection = new SqliteConnection(text);
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT file FROM pragma_database_list WHERE name = 'main'";

            new SqliteDatabase(text, new SqliteStoreOptions(), NullLogger.Instance).Path
                .ShouldBe(Path.GetFullPath((string)command.ExecuteScalar()!));
        }
        finally
        {
            AppDomain.CurrentDomain.SetData("DataDirectory", null);
        }
    }

    [Fact]
    public void Without_a_data_directory_a_relative_path_is_one_of_the_working_directory_and_its_name_is_refused()
    {
        new SqliteDatabase("Data Source=jobs.db", new SqliteStoreOptions(), NullLogger.Instance).Path
            .ShouldBe(Path.Combine(Environment.CurrentDirectory, "jobs.db"));
        Should.Throw<ArgumentException>(static () =>
            new SqliteDatabase("Data Source=|DataDirectory|jobs.db", new SqliteStoreOptions(), NullLogger.Instance)).Message
                .ShouldContain("SetData");
    }
}
