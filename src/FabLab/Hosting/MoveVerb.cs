using System.Text.Json.Nodes;
using FabLab.Booking.Data;
using FabLab.Host.Cli;
using FabLab.Host.Settings;

namespace FabLab.Host.Hosting;

/// <summary>Moves a lab from its SQLite file to PostgreSQL.</summary>
internal static class MoveVerb
{
    public static async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var to = invocation.Value("--to") ?? throw new UsageException("--to: say where to, as \"Host=…;Database=…;Username=…\".");
        var configuration = ProgramConfiguration.Build(invocation.Settings, DataFolders.Lab);
        if (!Preparation.Passes(configuration, [], invocation.Error))
            return ExitCodes.Usage;
        try
        {
            var tables = await DatabaseMove.RunAsync(configuration.Options.Data, to, cancellationToken);
            if (invocation.Has("--json"))
            {
                invocation.Out.WriteLine(new JsonObject
                {
                    ["tables"] = new JsonArray([.. tables.Select(table => new JsonObject { ["name"] = table.Name, ["rows"] = table.Rows })]),
                }.ToJsonString());
            }
            else
            {
                foreach (var table in tables.Where(table => table.Rows > 0))
                    invocation.Out.WriteLine($"{table.Rows,10}  {table.Name}");
                invocation.Out.WriteLine($"{tables.Sum(table => table.Rows)} rows in {tables.Count} tables; counts and sums are the same on both sides. The file is as it was.");
                invocation.Out.WriteLine("From now on start FabLab with the setting Booking:Database.");
            }
            return ExitCodes.Success;
        }
        catch (DatabaseMoveException fault)
        {
            await invocation.Error.WriteLineAsync($"fablab move-database: {fault.Message}");
            return ExitCodes.Failure;
        }
    }
}
