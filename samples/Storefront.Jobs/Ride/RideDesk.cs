using Simmer;

namespace Storefront.Ride;

/// <summary>Takes requests for rides and calls rides off.</summary>
public sealed class RideDesk(IJobClient jobs, RideStore rides)
{
    public async Task<WorkflowHandle> RequestAsync(Crossing pickup, Crossing destination, CancellationToken cancellationToken)
    {
        // The ride is stored first, under the id its workflow will have: no step ever starts without its ride.
        var id = WorkflowId.For($"ride-{Guid.CreateVersion7()}");
        var ride = id.Value;
        await rides.AddAsync(ride, pickup, destination, cancellationToken);
        try
        {
            return await jobs.EnqueueAsync(Plan(ride, $"{pickup.Address} to {destination.Address}"), new WorkflowOptions { Id = id },
                cancellationToken);
        }
        catch
        {
            await rides.RemoveAsync(ride, CancellationToken.None);
            throw;
        }
    }

    /// <summary>The whole ride.</summary>
    private static Workflow Plan(Guid ride, string name)
    {
        var flow = new Workflow(name);
        var find = flow.Add("find", new FindDrivers(ride));
        var routes = flow.Add("best-route", new FindRoutes(ride)).After(find);
        var assign = flow.Add("assign", new AssignDriver(ride), undo: new FreeDriver(ride)).After(routes);
        var pickUp = flow.Add("pick-up", new Drive(ride, RideState.Coming)).After(assign);
        flow.Add("drive", new Drive(ride, RideState.Riding)).After(pickUp);
        return flow.OnFailure("call-off", new CallOff(ride));
    }

    public async Task CallOffAsync(CallOff job, JobContext context, CancellationToken cancellationToken)
    {
        var steps = await jobs.GetStepsAsync(context.Workflow!.Value, cancellationToken);
        var failed = steps.FirstOrDefault(step => step.Job.State == JobState.Failed)?.Job;
        await rides.CallOffAsync(job.Ride, failed is null ? "cancelled" : failed.Reason ?? failed.Errors[^1].Message, cancellationToken);
    }
}
