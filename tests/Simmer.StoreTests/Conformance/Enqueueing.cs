using Simmer.Storage;

namespace Simmer.StoreTests.Conformance;

public abstract class Enqueueing<TFactory> : StoreTest<TFactory>
    where TFactory : IStoreFactory, new()
{
    [Fact]
    public async Task A_job_is_stored_as_ready()
    {
        var job = Some.Draft();

        (await Worker.EnqueueAsync(job)).ShouldBe(new EnqueueReport(EnqueueStatus.Stored, job.Id, JobState.Ready));

        (await StateOfAsync(job.Id)).ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task What_was_enqueued_can_be_looked_at()
    {
        var job = new JobDraft
        {
            Id = Some.Id(),
            Kind = "write-letters",
            Queue = "post",
            Payload = "{\"to\":\"Ada\"}"u8.ToArray(),
            Priority = -7,
            DueAt = Now.AddHours(1),
            ExpiresAt = Now.AddHours(2),
            UniqueKey = "ada",
            Tags = ["air", "mail"],
            MaxAttempts = 4,
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        _ = await Worker.EnqueueAsync(job);

        var record = await GetAsync(job.Id);
        record.Kind.ShouldBe(job.Kind);
        record.Queue.ShouldBe(job.Queue);
        record.State.ShouldBe(JobState.Scheduled);
        record.Payload.ToArray().ShouldBe(job.Payload.ToArray());
        record.Priority.ShouldBe(-7);
        record.EnqueuedAt.ShouldBe(Now);
        record.DueAt.ShouldBe(job.DueAt);
        record.ExpiresAt.ShouldBe(job.ExpiresAt);
        record.UniqueKey.ShouldBe("ada");
        record.Tags.ShouldBe(["air", "mail"]);
        record.MaxAttempts.ShouldBe(4);
        record.TraceParent.ShouldBe(job.TraceParent);
        (record.Run, record.Attempt).ShouldBe((0, 0));
        record.StartedAt.ShouldBeNull();
        record.FinishedAt.ShouldBeNull();
        record.Worker.ShouldBeNull();
        record.Result.ShouldBeNull();
    }

    [Fact]
    public async Task A_claim_brings_what_was_enqueued()
    {
        var job = new JobDraft
        {
            Id = Some.Id(),
            Kind = Some.Kind,
            Queue = Some.Queue,
            Payload = new byte[] { 0, 1, 255 },
            Priority = 5,
            ExpiresAt = Now.AddHours(2),
            Tags = ["air"],
            MaxAttempts = 4,
            TimeLimit = TimeSpan.FromSeconds(1.5),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            TraceState = "rojo=00f067aa0ba902b7",
        };

        var claim = await Worker.StartAsync(job);

        claim.EnqueuedAt.ShouldBe(Now);
        claim.Job.Id.ShouldBe(job.Id);
        claim.Job.Kind.ShouldBe(job.Kind);
        claim.Job.Queue.ShouldBe(job.Queue);
        claim.Job.Payload.ToArray().ShouldBe(job.Payload.ToArray());
        claim.Job.Priority.ShouldBe(5);
        claim.Job.MaxAttempts.ShouldBe(4);
        claim.Job.TimeLimit.ShouldBe(job.TimeLimit);
        claim.Job.TraceParent.ShouldBe(job.TraceParent);
        claim.Job.TraceState.ShouldBe(job.TraceState);
    }

    [Fact]
    public async Task A_job_due_later_is_scheduled()
    {
        var job = Some.Draft(dueAt: Now.AddMinutes(1));

        (await Worker.EnqueueAsync(job)).State.ShouldBe(JobState.Scheduled);

        (await Worker.ClaimAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_due_already_is_ready()
    {
        (await Worker.EnqueueAsync(Some.Draft(dueAt: Now))).State.ShouldBe(JobState.Ready);
        (await Worker.EnqueueAsync(Some.Draft(dueAt: Now.AddDays(-1)))).State.ShouldBe(JobState.Ready);
    }

    [Fact]
    public async Task The_same_id_again_is_a_duplicate_with_the_jobs_state()
    {
        var job = Some.Draft(id: Some.Id());
        _ = await Worker.StartAsync(job);

        (await Worker.EnqueueAsync(job)).ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, job.Id, JobState.Running));
    }

    [Fact]
    public async Task The_same_id_twice_in_one_flush_is_stored_once()
    {
        var job = Some.Draft(id: Some.Id());

        (await Worker.EnqueueAllAsync(job, job)).Select(r => r.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Duplicate]);

        (await Worker.ClaimAsync(5)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_given_id_is_a_duplicate_while_the_finished_job_is_kept()
    {
        var job = Some.Draft(id: Some.Id());
        _ = await Worker.SettleAsync(await Worker.StartAsync(job), JobState.Succeeded);

        (await Worker.EnqueueAsync(job)).ShouldBe(new EnqueueReport(EnqueueStatus.Duplicate, job.Id, JobState.Succeeded));
    }

    [Fact]
    public async Task An_id_can_be_used_again_when_nothing_is_kept()
    {
        var job = Some.Draft(id: Some.Id());
        _ = await Worker.SettleAsync(await Worker.StartAsync(job), JobState.Succeeded, TimeSpan.Zero);

        (await Worker.EnqueueAsync(job)).Status.ShouldBe(EnqueueStatus.Stored);
    }

    [Theory]
    [Trait("Rule", "15")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task A_name_that_cannot_be_stored_is_refused_without_harm_to_its_neighbours(string key)
    {
        var bad = Some.Draft(uniqueKey: key);

        var reports = await Worker.EnqueueAllAsync(Some.Draft(), bad, Some.Draft());

        reports.Select(r => r.Status).ShouldBe([EnqueueStatus.Stored, EnqueueStatus.Refused, EnqueueStatus.Stored]);
        reports[1].Error.ShouldNotBeNull().IsTransient.ShouldBeFalse();
        (await FindAsync(bad.Id)).ShouldBeNull();
    }

    [Fact]
    [Trait("Rule", "15")]
    public async Task A_key_over_the_limit_is_refused()
    {
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: new string('k', 200)))).Status.ShouldBe(EnqueueStatus.Stored);
        (await Worker.EnqueueAsync(Some.Draft(uniqueKey: new string('k', 201)))).Status.ShouldBe(EnqueueStatus.Refused);
    }
}
