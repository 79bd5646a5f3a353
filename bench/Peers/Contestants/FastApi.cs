using Peers.Installing;
using Peers.Running;

namespace Peers.Contestants;

internal static class FastApi
{
    public static WebContestant Contestant { get; } = new(
        "fastapi",
        "FastAPI BackgroundTasks",
        "uvicorn with a worker process for each processor (FastAPI's page \"Server Workers\"), uvloop, httptools, no access log; async "
            + "task",
        static port => Launch.Python("fastapi_peer.py", port))
    {
        Tools = [Tool.FastApi],
    };
}
