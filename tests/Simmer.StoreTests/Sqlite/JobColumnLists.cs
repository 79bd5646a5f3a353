using System.Reflection;
using Microsoft.Data.Sqlite;
using Simmer.Sqlite;

namespace Simmer.StoreTests.Sqlite;

/// <summary>The lists that are made from the table of columns fit the database, and the places at which columns are read.</summary>
public sealed class JobColumnLists : SqliteTest
{
    private const string FromJobs = "FROM simmer_job j LEFT JOIN simmer_queue q ON q.id = j.queue LEFT JOIN simmer_kind k ON k.id = j.kind";
    private const string FromHistory =
        "FROM simmer_history j LEFT JOIN simmer_queue q ON q.id = j.queue LEFT JOIN simmer_kind k ON k.id = j.kind";

    private static IEnumerable<JobColumn> All => typeof(JobColumns).GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(static f => f.GetValue(null)).OfType<JobColumn>();

    [Fact]
    public async Task Readers_find_each_column_at_its_place()
    {
        _ = await OpenAsync();
        using var connection = Connect();
        Names(connection, $"SELECT {JobColumns.Claimed} FROM simmer_job").ShouldBe(Placed(static c => c.InClaim));
        Names(connection, $"SELECT {JobColumns.Hot} {FromJobs}").ShouldBe(Placed(static c => c.Shown));
        Names(connection, $"SELECT {JobColumns.Old} {FromHistory}").ShouldBe(Placed(static c => c.Shown));
        JobColumns.ClaimedCount.ShouldBe(Placed(static c => c.InClaim).Count);
        JobColumns.Id.Shown.ShouldBe(0, "lists are sorted by the first column");
    }

    [Fact]
    public async Task Everything_that_a_table_wants_is_written_into_it()
    {
        _ = await OpenAsync();
        using var connection = Connect();
        var wantedByHistory = Names(connection, "SELECT name FROM pragma_table_info('simmer_history') WHERE \"notnull\"", rows: true);
        wantedByHistory.ShouldBeSubsetOf(Parts(JobColumns.History));
        wantedByHistory.ShouldBeSubsetOf(Parts(JobColumns.HistoryOfSteps));
        Names(connection, "SELECT name FROM pragma_table_info('simmer_history')", rows: true).Order()
            .ShouldBe(Parts(JobColumns.HistoryOfSteps).Order());

        var wanted = Names(connection,
            "SELECT name FROM pragma_table_info('simmer_job') WHERE \"notnull\" AND dflt_value IS NULL AND NOT pk", rows: true);
        wanted.ShouldBeSubsetOf(Parts(JobColumns.Inserted));
        wanted.ShouldBeSubsetOf(Parts(JobColumns.InsertedOfSteps));
        wanted.ShouldBeSubsetOf(Parts(JobColumns.Reopened));
    }

    [Fact]
    public void A_parameter_stands_under_the_column_for_which_it_is_bound()
    {
        var inserted = Parts(JobColumns.Inserted).Zip(Parts(JobColumns.InsertedValues))
            .Concat(Parts(JobColumns.InsertedOfSteps).Zip(Parts(JobColumns.InsertedValuesOfSteps)))
            .Where(static pair => pair.Second[0] == '?').Distinct().Order();

        inserted.ShouldBe(All.Where(static c => c.Bind is not null).Select(static c => (c.Name, $"?{c.Parameter}")).Order());
        All.Max(static c => c.Parameter).ShouldBeLessThan(64, "a statement remembers the values of so many parameters");
    }

    private static List<string> Placed(Func<JobColumn, int> place) =>
        [.. All.Where(c => place(c) >= 0).OrderBy(place).Select(static c => c.Name)];

    private static string[] Parts(string list) => list.Split(", ");

    private static List<string> Names(SqliteConnection connection, string text, bool rows = false)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var reader = command.ExecuteReader();
        var names = new List<string>();
        while (rows && reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return rows ? names : [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }
}
