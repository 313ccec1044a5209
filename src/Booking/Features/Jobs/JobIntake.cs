using FabLab.Booking.Data;
using FabLab.Booking.Features.Floor;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace FabLab.Booking.Features.Jobs;

/// <summary>Takes in what machines tell of their jobs. The last record about a job counts, in whatever order they come.</summary>
internal static class JobIntake
{
    /// <summary>Takes one record in.</summary>
    public static async Task TakeInAsync(
        BookingWrite write, FloorChanges floor, string gateway, long epoch, MachineEvent.JobRecorded told, CancellationToken cancellationToken)
    {
        var job = told.Job;
        var row = write.Db.MachineJobs.Local.SingleOrDefault(r => r.MachineId == told.Machine && r.DeviceId == job.Device && r.Job == job.Id)
            ?? await write.Db.MachineJobs.SingleOrDefaultAsync(r => r.MachineId == told.Machine && r.DeviceId == job.Device && r.Job == job.Id, cancellationToken);
        if (row is null)
        {
            row = new MachineJobRow
            {
                Id = Guid.CreateVersion7(write.Now.ToDateTimeOffset()), MachineId = told.Machine, DeviceId = job.Device, Job = job.Id,
                Gateway = gateway, Epoch = epoch, Seq = 0,
            };
            write.Db.MachineJobs.Add(row);
        }
        else if (row.Gateway == gateway && (row.Epoch > epoch || (row.Epoch == epoch && row.Seq >= told.Seq)))
        {
            return;
        }
        (row.Gateway, row.Epoch, row.Seq) = (gateway, epoch, told.Seq);
        if (job.Name is { } name)
            row.Name = Text.Clean(name, MachineJob.MaxName);
        row.State = job.State;
        row.StartedAt = job.StartedAt;
        row.EndedAt = job.EndedAt;
        row.WorkingMs = (long)job.Work(job.EndedAt ?? told.At).Aggregate(Duration.Zero, (sum, stretch) => sum + stretch.Duration).TotalMilliseconds;
        row.Progress = job.Progress is { } part ? (int)Math.Round(Math.Clamp(part, 0, 100)) : null;
        row.Milligrams = Whole(job.Grams * 1000);
        row.Millimetres = Whole(job.Millimetres);
        row.SessionId = told.Session;
        row.Version++;
        write.AfterCommit(() => floor.Announce(new FloorChange(FloorTopic.State, told.Machine)));
    }

    private static long? Whole(double? figure) => figure is { } some && double.IsFinite(some) ? (long)Math.Round(Math.Clamp(some, 0, 1e12)) : null;
}
