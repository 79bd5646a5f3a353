using System.Text.Json;

namespace Simmer.Tests.Jobs;

public sealed class IdJsonTests
{
    private const string Job = "01970c9e-8a5c-7f3e-9c1b-2f6d1c0a7e55";
    private const string Flow = "01970c9e-8a5c-7f3e-9c1b-2f6d1c000000";

    [Fact]
    public void An_id_is_a_plain_string_wherever_it_stands()
    {
        var document = new Document(JobId.Parse(Job), null, WorkflowId.Parse(Flow), WorkflowId.Parse(Flow), [JobId.Parse(Job)],
            new() { [JobId.Parse(Job)] = 1 }, new() { [WorkflowId.Parse(Flow)] = JobId.Parse(Job) });

        JsonSerializer.Serialize(document).ShouldBe(
            $$$"""{"Job":"{{{Job}}}","MaybeJob":null,"Flow":"{{{Flow}}}","MaybeFlow":"{{{Flow}}}","List":"""
            + $$$"""["{{{Job}}}"],"Jobs":{"{{{Job}}}":1},"Flows":{"{{{Flow}}}":"{{{Job}}}"}}""");
    }

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        var document = new Document(JobId.Parse(Job), JobId.Parse(Job), WorkflowId.Parse(Flow), null, [JobId.Parse(Job)],
            new() { [JobId.Parse(Job)] = 1 }, new() { [WorkflowId.Parse(Flow)] = JobId.Parse(Job) });

        var read = JsonSerializer.Deserialize<Document>(JsonSerializer.Serialize(document))!;

        JsonSerializer.Serialize(read).ShouldBe(JsonSerializer.Serialize(document));
        (read.Job, read.MaybeJob, read.Flow, read.MaybeFlow).ShouldBe((document.Job, document.MaybeJob, document.Flow, document.MaybeFlow));
        read.Flows.ShouldBe(document.Flows);
    }

    [Theory]
    [InlineData($$"""{"value":"{{Flow}}"}""")]
    [InlineData($$"""{"Value":"{{Flow}}"}""")]
    [InlineData($$"""{"VALUE":"{{Flow}}"}""")]
    [InlineData($$"""{ "$id": "1", "more": [1, { "value": "no" }], "value": "{{Flow}}", "then": { } }""")]
    public void The_object_that_earlier_versions_wrote_is_read(string json)
    {
        JsonSerializer.Deserialize<JobId>(json).ShouldBe(JobId.Parse(Flow));
        JsonSerializer.Deserialize<WorkflowId>(json).ShouldBe(WorkflowId.Parse(Flow));
        JsonSerializer.Deserialize<WorkflowId?>(json).ShouldBe(WorkflowId.Parse(Flow));
        JsonSerializer.Deserialize<(int, JobId)>($$"""{"Item1":7,"Item2":{{json}}}""", new JsonSerializerOptions { IncludeFields = true })
            .ShouldBe((7, JobId.Parse(Flow)));
    }

    [Theory]
    [InlineData("\"order-1\"")]
    [InlineData("{}")]
    [InlineData("""{"value":7}""")]
    [InlineData("""{"value":null}""")]
    [InlineData("[]")]
    [InlineData("12")]
    [InlineData("null")]
    public void What_is_no_id_is_refused(string json)
    {
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<JobId>(json));
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize<WorkflowId>(json));
    }

    [Fact]
    public void The_id_of_a_step_is_not_read_as_a_workflows() =>
        Should.Throw<JsonException>(static () => JsonSerializer.Deserialize<WorkflowId>($"\"{Job}\"")).Message
            .ShouldContain("ends in six zeros");

    private sealed record Document(JobId Job, JobId? MaybeJob, WorkflowId Flow, WorkflowId? MaybeFlow, JobId[] List,
        Dictionary<JobId, int> Jobs, Dictionary<WorkflowId, JobId> Flows);
}
