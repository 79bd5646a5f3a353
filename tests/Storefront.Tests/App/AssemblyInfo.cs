using Storefront.Tests.App;

// One application, one browser and their jobs are enough for a small machine; tests that measure times would disturb each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(RunningShop))]
[assembly: AssemblyFixture(typeof(Storefront.Tests.Browser.Chromium))]
