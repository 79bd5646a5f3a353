using Simmer.DiskTests.Worker;

// "lock FILE KIND" keeps the write lock, "work FILE CALLERS" runs and enqueues jobs; either until a line comes in.
await (args[0] == "lock"
    ? Locker.RunAsync(args[1], args[2])
    : Worker.RunAsync(args[1], int.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture)));
