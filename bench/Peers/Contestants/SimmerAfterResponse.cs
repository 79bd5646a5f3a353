using Peers.Running;

namespace Peers.Contestants;

internal static class SimmerAfterResponse
{
    public const string Name = "simmer-web";

    public static WebContestant Contestant { get; } = new(
        Name, "Simmer, after the response", "Kestrel in one process, all as it comes", static port =>
            Launch.This(PeerCommand.WebName, port));
}
