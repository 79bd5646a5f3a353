using Microsoft.Extensions.Logging;
using Simmer.Sqlite;
using Simmer.Storage;

namespace Simmer.StoreTests.Sqlite;

public sealed class Migrations : SqliteTest
{
    private static readonly Migration s_harmless = Migration.Parse("0099_later", "-- breaking: no\nCREATE TABLE simmer_later(x);");
    private static readonly Migration s_breaking = Migration.Parse("0099_later", "-- breaking: yes\nCREATE TABLE simmer_later(x);");

    [Fact]
    public async Task Stores_that_start_at_once_on_an_empty_file_both_open()
    {
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => OpenAsync().AsTask(), Token)));
        var worker = await RegisterAsync(stores[0]);
        _ = await worker.EnqueueAsync(Some.Draft());
        (await stores[3].Browser.ListAsync(new JobQuery(), Token)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_newer_breaking_schema_is_refused_with_its_version_and_the_way_out()
    {
        await (await OpenAsync(migrations: [.. Migrator.Embedded, s_breaking])).DisposeAsync();
        var error = await Should.ThrowAsync<StoreException>(async () => await OpenAsync());
        error.IsTransient.ShouldBeFalse();
        error.Message.ShouldContain("99");
        error.Message.ShouldContain("Update Simmer.Sqlite");
    }

    [Fact]
    public async Task A_newer_harmless_schema_is_used_with_a_warning()
    {
        await (await OpenAsync(migrations: [.. Migrator.Embedded, s_harmless])).DisposeAsync();
        var log = new Warnings();
        _ = await RegisterAsync(await OpenAsync(logger: log));
        log.Seen.ShouldHaveSingleItem().ShouldContain("99");
    }

    private sealed class Warnings : ILogger
    {
        public List<string> Seen { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                Seen.Add(formatter(state, exception));
            }
        }
    }
}
