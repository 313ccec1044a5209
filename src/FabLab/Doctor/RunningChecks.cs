using FabLab.Host.Running;
using FabLab.Host.Settings;

namespace FabLab.Host.Doctor;

/// <summary>Asks a running program how it is.</summary>
internal static class RunningChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(ProgramOptions options, IReadOnlyList<RunningProgram> running, CancellationToken cancellationToken)
    {
        if (running.Count == 0)
            return [Finding.Note("running", $"nothing runs on {options.Data}")];
        var findings = running
            .Select(program => Finding.Good("running", $"fablab {program.Verb} runs (process {program.Process})"))
            .ToList();
        await Task.CompletedTask.WaitAsync(cancellationToken);
        return findings;
    }
}
