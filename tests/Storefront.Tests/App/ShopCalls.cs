using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Storefront.Tests.App;

/// <summary>The requests of tests to the shop.</summary>
public static class ShopCalls
{
    private static readonly string[] s_final = ["succeeded", "failed", "cancelled"];

    /// <summary>Signs a user up.</summary>
    /// <returns>The URL of the job that sends the welcome mail.</returns>
    public static async Task<Uri> SignUpAsync(this Shop shop, string email) =>
        await shop.AcceptedAsync(await shop.Http
            .PostAsJsonAsync("/signup", new { email, name = "Ada" }, TestContext.Current.CancellationToken));

    /// <summary>Posts without a body and expects success.</summary>
    public static async Task PostAsync(this Shop shop, string path)
    {
        using var response = await shop.Http.PostAsync(path, null, TestContext.Current.CancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue(response.ToString());
    }

    /// <summary>Uploads a CSV as the bare body.</summary>
    /// <returns>The URL of its job.</returns>
    public static async Task<Uri> ImportAsync(this Shop shop, string csv, string name = "test.csv")
    {
        using var content = new StringContent(csv, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return await shop.AcceptedAsync(await shop.Http.PostAsync($"/imports?name={name}", content, TestContext.Current.CancellationToken));
    }

    /// <summary>Makes a file of so many rows and waits for it.</summary>
    public static async Task<string> MakeSampleAsync(this Shop shop, int rows)
    {
        var job = await shop.AcceptedAsync(await shop.Http.PostAsync($"/samples?rows={rows}", null, TestContext.Current.CancellationToken));
        (await shop.FinishedAsync(job)).State().ShouldBe("succeeded");
        return $"products-{rows}.csv";
    }

    public static async Task<Uri> ImportSampleAsync(this Shop shop, string name) =>
        await shop.AcceptedAsync(await shop.Http.PostAsync($"/samples/{name}/import", null, TestContext.Current.CancellationToken));

    /// <summary>Expects 202 and gives where the job is.</summary>
    public static async Task<Uri> AcceptedAsync(this Shop shop, HttpResponseMessage response)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.Accepted, body);
            return new Uri(shop.Address, response.Headers.Location.ShouldNotBeNull());
        }
    }

    /// <summary>Waits until a job has ended.</summary>
    public static Task<JsonElement> FinishedAsync(this Shop shop, Uri job) =>
        shop.JobAsync(job, "has ended", status => s_final.Contains(status.State()));

    /// <summary>Waits until a job is as it should be.</summary>
    public static async Task<JsonElement> JobAsync(this Shop shop, Uri job, string what, Func<JsonElement, bool> condition)
    {
        JsonElement last = default;
        try
        {
            await Eventually.TrueAsync($"job {job} {what}",
                async () => condition(last = await shop.Http.GetFromJsonAsync<JsonElement>(job, TestContext.Current.CancellationToken)));
            return last;
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}; it is {last}\n{shop.Output}");
        }
    }

    /// <summary>Waits until a step of a workflow is in a state.</summary>
    public static Task StepAsync(this Shop shop, Uri workflow, string step, string state) =>
        shop.JobAsync(workflow, $"has step {step} {state}", status => status.Step(step).State() == state);

    /// <summary>A step of a workflow, by its name.</summary>
    public static JsonElement Step(this JsonElement workflow, string name) =>
        workflow.GetProperty("steps").EnumerateArray()
            .SingleOrDefault(step => step.GetProperty("name").GetString() == name) is { ValueKind: not JsonValueKind.Undefined } step
            ? step
            : throw new ArgumentException($"There is no step '{name}': {workflow}");

    public static string State(this JsonElement job) => job.GetProperty("state").GetString()!.ToLowerInvariant();

    public static string IdOf(this Uri job) => job.Segments[^1];

    /// <summary>The totals of an import.</summary>
    public static Task<JsonElement> ImportAsync(this Shop shop, Uri job) =>
        shop.Http.GetFromJsonAsync<JsonElement>($"/imports/{job.IdOf()}", TestContext.Current.CancellationToken);

    /// <summary>How many rows of an import are committed.</summary>
    public static async Task<long> ImportedAsync(this Shop shop, Uri job) =>
        (await shop.ImportAsync(job)).GetProperty("import").GetProperty("imported").GetInt64();

    /// <summary>Asks the shop's database, past the application.</summary>
    public static async Task<T> QueryAsync<T>(this Shop shop, string sql, object? parameters = null)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(shop.Data, "shop.db")};Pooling=false");
        return (await connection.ExecuteScalarAsync<T>(sql, parameters))!;
    }
}
