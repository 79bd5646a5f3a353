using Simmer.Storage;
using Simmer.Storage.Decisions;

namespace Simmer.Tests.Decisions;

/// <summary>What a store must guarantee: what may start, and what starts with its insert.</summary>
public sealed class AdmissionTests
{
    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_queue_is_open_unless_it_is_paused(bool isPaused, bool isOpen) => Admission.IsOpen(isPaused).ShouldBe(isOpen);

    [Theory]
    [InlineData(true, null, false, true)]
    [InlineData(false, null, false, false)]
    [InlineData(true, "key", false, false)]
    [InlineData(true, null, true, false)]
    public void An_insert_tries_to_start_what_is_asked_for_has_no_key_and_has_not_expired(bool dispatch, string? key, bool isExpired,
        bool may)
    {
        var job = new JobDraft
        {
            Id = new JobId(Guid.CreateVersion7()),
            Kind = "greet",
            Queue = "default",
            Payload = "{}"u8.ToArray(),
            MaxAttempts = 1,
            UniqueKey = key,
        };

        Admission.MayTry(dispatch, job, isExpired).ShouldBe(may);
    }

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    public void What_is_tried_starts_if_its_queue_is_open_and_nobody_is_overtaken(bool isOpen, bool hasReadyBefore, bool starts) =>
        Admission.Starts(isOpen, hasReadyBefore).ShouldBe(starts);
}
