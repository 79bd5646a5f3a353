using Simmer.Flat;

// Runs millions of jobs and requests in this one process, and fails if it grows.
//   --quick      a tenth of them
//   NAME …       only the scenarios whose names contain one of the words
var quick = args.Contains("--quick");
var words = args.Where(static a => !a.StartsWith('-')).ToList();

// A warm-up: memory that the runtime takes once is no growth.
await using (var ground = await Scenarios.All[0].StartAsync())
{
    await ground.DoAsync(200_000);
}

var courses = new List<Course>();
foreach (var scenario in Scenarios.All
    .Where(s => words.Count == 0 || words.Exists(w => s.Name.Contains(w, StringComparison.OrdinalIgnoreCase))))
{
    courses.Add(await Course.RunAsync(scenario, quick ? scenario.Total / 10 : scenario.Total));
}

FlatTable.Print(courses);
return courses.TrueForAll(static c => c.IsFlat) ? 0 : 1;
