using System.Text.Json;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Jobs.Pages;
using FabLab.Booking.Features.Privacy;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Booking.Web;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace FabLab.Booking.Tests.Jobs;

/// <summary>What machines tell of their jobs: kept once, whose they are, and for how long their names stay.</summary>
public sealed class JobTests
{
    private static readonly DeviceId Printer = new("klipper-1");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(BookingHost.BothDatabases), MemberType = typeof(BookingHost))]
    public async Task A_job_is_one_row_whatever_the_order_of_its_records_and_is_whose_its_use_is(DatabaseKind kind)
    {
        await using var host = await BookingHost.StartAsync(kind);
        var lab = await SmallLab.InAsync(host);
        var story = Story(host, lab);
        var records = story.Records();

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, [.. records.Reverse()]), Cancel);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, records), Cancel);

        Assert.Empty(receipt.Refused);
        var jobs = await host.ReadAsync(db => db.MachineJobs.OrderBy(j => j.StartedAt).ToListAsync(Cancel));
        Assert.Equal([("0001", JobState.Cancelled), ("0002", JobState.Done)], jobs.Select(j => (j.Job, j.State)));
        Assert.Equal((null, "figurine de Léa.gcode"), (jobs[0].SessionId, jobs[0].Name));
        Assert.Equal((600_000L, 100, 12_500L, 4_200L), (jobs[1].WorkingMs, jobs[1].Progress, jobs[1].Milligrams, jobs[1].Millimetres));
        var row = Assert.Single(await host.ReadAsync(db => db.Ledger.Where(r => r.SessionId != null).ToListAsync(Cancel)));
        Assert.Equal((lab.Ada, lab.Project, jobs[1].SessionId, 600_000L), (row.PersonId, row.ProjectId, row.SessionId, row.WorkingMs));
        // The name is in its column and nowhere else.
        Assert.DoesNotContain(await host.ReadAsync(db => db.Journal.Select(r => r.Body).ToListAsync(Cancel)), body => body.Contains(".gcode", StringComparison.Ordinal));
        Assert.DoesNotContain(await host.ReadAsync(db => db.MachinesNow.Select(r => r.State).ToListAsync(Cancel)), state => state.Contains(".gcode", StringComparison.Ordinal));

        var theirs = Assert.Single(await OfAdaAsync());
        Assert.Equal(("support.gcode", "Ada", "Lampes", false), (theirs.Name, theirs.Person?.Label, theirs.Project, theirs.Nobodys));

        async Task<IReadOnlyList<JobLine>> OfAdaAsync()
        {
            await using var scope = host.Services.CreateAsyncScope();
            return await scope.ServiceProvider.GetRequiredService<JobQueries>().OfPersonAsync(new Viewer(lab.Manager, null), lab.Ada, 10, Cancel);
        }
    }

    [Fact]
    public async Task A_job_for_which_nobody_had_tapped_is_claimed_by_its_maker_and_by_nobody_else_and_can_be_given_back()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, Story(host, lab).Records()), Cancel);
        var (nobodys, ofUse) = await host.ReadAsync(async db => (
            await db.MachineJobs.SingleAsync(j => j.Job == "0001", Cancel), await db.MachineJobs.SingleAsync(j => j.Job == "0002", Cancel)));
        var handler = host.Services.GetRequiredService<AttributeJob>();
        StaffActor ada = new(lab.Ada, Role.Member), bob = new(lab.Bob, Role.Member);

        var forAnother = await handler.HandleAsync(nobodys.Id, new MakerOfJob(nobodys.Version, lab.Bob), ada, Cancel);
        var claimed = await handler.HandleAsync(nobodys.Id, new MakerOfJob(nobodys.Version, lab.Ada, lab.Project), ada, Cancel);
        var stale = await handler.HandleAsync(nobodys.Id, new MakerOfJob(nobodys.Version, lab.Ada), ada, Cancel);
        var taken = await handler.HandleAsync(nobodys.Id, new MakerOfJob(claimed.Value.Version, lab.Bob), bob, Cancel);
        var used = await handler.HandleAsync(ofUse.Id, new MakerOfJob(ofUse.Version, lab.Ada), lab.Manager, Cancel);

        Assert.Equal([ProblemCodes.NotAllowed, ProblemCodes.Stale, AttributeJob.Taken, AttributeJob.OfAUse], new[] { forAnother, stale, taken, used }.Select(outcome => outcome.Refusal!.Code));
        Assert.Equal((lab.Ada, lab.Project), await host.ReadAsync(db => db.MachineJobs.Where(j => j.Id == nobodys.Id).Select(j => new ValueTuple<PersonId, ProjectId>(j.PersonId!.Value, j.ProjectId!.Value)).SingleAsync(Cancel)));

        // The device tells of it again, after its maker has said so: it stays theirs.
        var again = new MachineEvent.JobRecorded(lab.Machine, 900, host.Time.Now, null, Job("0001", host.Time.Now - Duration.FromHours(2)) with { State = JobState.Failed, EndedAt = host.Time.Now });
        await host.GatewayClient().JournalAsync(new JournalBatch(1, [MachineStory.Record(900, again)]), Cancel);
        var now = await host.ReadAsync(db => db.MachineJobs.SingleAsync(j => j.Id == nobodys.Id, Cancel));
        Assert.Equal((JobState.Failed, lab.Ada, "figurine de Léa.gcode"), (now.State, now.PersonId!.Value, now.Name));

        Assert.True((await handler.HandleAsync(nobodys.Id, new MakerOfJob(now.Version, null), ada, Cancel)).Done);
        Assert.Null((await host.ReadAsync(db => db.MachineJobs.SingleAsync(j => j.Id == nobodys.Id, Cancel))).PersonId);
    }

    [Fact]
    public async Task With_a_person_go_the_names_of_their_jobs_and_with_time_all_of_them_while_the_jobs_stay()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        await host.GatewayClient().JournalAsync(new JournalBatch(1, Story(host, lab).Records()), Cancel);
        var export = JsonSerializer.Serialize(await host.Services.GetRequiredService<PersonExport>().OfAsync(lab.Ada, Cancel));

        await host.Services.GetRequiredService<ErasePerson>().HandleAsync(lab.Ada, new ErasureRequest("M01"), lab.Manager, Cancel);

        Assert.Contains("support.gcode", export, StringComparison.Ordinal);
        Assert.DoesNotContain("figurine", export, StringComparison.Ordinal);
        Assert.Equal(["figurine de Léa.gcode", ""], await NamesAsync());

        host.Time.Leap(Duration.FromDays(3 * 366));
        await host.Writer.WriteAsync(host.Services.GetRequiredService<Purge>().RoundAsync, Cancel);

        Assert.Equal(["", ""], await NamesAsync());

        Task<List<string>> NamesAsync() => host.ReadAsync(db => db.MachineJobs.OrderBy(j => j.StartedAt).Select(j => j.Name).ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_job_that_is_none_is_refused_and_the_rest_goes_on()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        var good = new MachineEvent.JobRecorded(lab.Machine, 1, host.Time.Now, null, Job("0001", host.Time.Now));
        var bad = good with { Seq = 2, Job = Job(new string('9', 65), host.Time.Now) };

        var receipt = await host.GatewayClient().JournalAsync(new JournalBatch(1, [MachineStory.Record(1, good), MachineStory.Record(2, bad)]), Cancel);

        Assert.Equal((2L, RecordRefusals.BadBody), (Assert.Single(receipt.Refused).Seq, receipt.Refused[0].Code));
        Assert.Equal(1, await host.ReadAsync(db => db.MachineJobs.CountAsync(Cancel)));
    }

    /// <summary>A print without a badge, then a use by Ada with a print of ten minutes that no meter saw.</summary>
    private static MachineStory Story(BookingHost host, SmallLab lab)
    {
        var story = new MachineStory(lab.Machine, host.Time.Now - Duration.FromHours(3));
        Says(story, null);
        story.Wait(60);
        var first = Job("0001", story.Now) with { Name = "figurine de Léa.gcode" };
        Says(story, first);
        story.Wait(300);
        Says(story, first with { State = JobState.Cancelled, EndedAt = story.Now });
        story.Wait(60).Tap(lab.Ada, lab.AdasBadge, lab.Project).Wait(1).Relay(closed: true).Wait(10);
        var second = Job("0002", story.Now) with { Name = "support.gcode" };
        Says(story, second);
        story.Wait(600);
        Says(story, second with { State = JobState.Done, EndedAt = story.Now, Progress = 100, Grams = 12.5, Millimetres = 4200 });
        story.Wait(10).Tap(lab.Ada, lab.AdasBadge).Wait(1).Relay(closed: true).Wait(21).Signal(new MachineSignal.Tick()).Wait(1).Relay(closed: false).Wait(5);
        return story;
    }

    private static void Says(MachineStory story, MachineJob? job) => story.Signal(new MachineSignal.JobReported(Printer, story.Now, Heard: true, job));

    private static MachineJob Job(string id, Instant from) => new() { Device = Printer, Id = id, StartedAt = from };
}
