using Microsoft.AspNetCore.Mvc;

namespace Simmer.AspNetCore.Tests.Jobs;

/// <summary>An action whose type does not say that it answers with a job's place.</summary>
[ApiController]
public sealed class PlacesController : ControllerBase
{
    [HttpPost("/controlled")]
    public async Task<IResult> Work([FromServices] IJobClient jobs) => JobResults.Accepted(await jobs.EnqueueAsync(new Chore()));
}
