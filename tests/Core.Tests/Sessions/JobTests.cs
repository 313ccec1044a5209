using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using NodaTime;

namespace FabLab.Core.Tests.Sessions;

/// <summary>Machines that tell of their own jobs: whose a job is, how long it worked, and what follows for the use.</summary>
public sealed class JobTests
{
    private static readonly DeviceId Printer = new("printer");

    private static readonly MachineRule Rule = Bench.Rule with
    {
        IdleStop = Duration.FromMinutes(5),
        Devices = [new DeviceBinding(DeviceRole.Relay, new DeviceId("box")), new DeviceBinding(DeviceRole.Witness, Printer)],
    };

    [Fact]
    public void A_job_of_a_session_is_of_its_maker_and_its_time_is_work()
    {
        Bench bench = Heard();
        bench.Started();
        SessionId session = bench.LastSession;
        bench.After(30);
        Instant from = bench.Now;
        Runs(bench);
        bench.After(600);
        Over(bench, from, grams: 12.5);
        bench.After(60).Tap();
        bench.After(0.25).Relay(closed: false);

        Assert.Equal(session, bench.Last<MachineEvent.JobRecorded>().Session);
        Assert.Equal((JobState.Done, 12.5), (bench.Last<MachineEvent.JobRecorded>().Job.State, bench.Last<MachineEvent.JobRecorded>().Job.Grams));
        Assert.Equal((600_000L, true), (bench.Entry(session).WorkingMs, bench.Entry(session).Settled));
    }

    [Fact]
    public void Work_that_the_meter_and_the_job_both_saw_counts_once_and_each_counts_where_it_was_alone()
    {
        Bench bench = new(Rule with { Devices = [.. Rule.Devices, new DeviceBinding(DeviceRole.Meter, new DeviceId("box"))] });
        Says(bench, null);
        bench.Started();
        SessionId session = bench.LastSession;
        Instant job = bench.Now;
        Runs(bench);
        // The heater rests at first: the job alone is the witness. Then both, then the meter alone.
        for (int second = 0; second < 100; second++)
        {
            bench.After(1).Power(second < 20 ? 5 : 200);
        }

        Over(bench, job);
        for (int second = 0; second < 20; second++)
        {
            bench.After(1).Power(200);
        }

        for (int second = 0; second < 40; second++)
        {
            bench.After(1).Power(1);
        }

        bench.Tap();
        bench.After(0.25).Relay(closed: false);

        MachineEvent.WorkEnded metered = bench.Last<MachineEvent.WorkEnded>();
        Assert.Equal(100_000L, metered.Ms);
        Assert.Equal(job + Duration.FromSeconds(21), metered.From.At);
        // From the start of the job to the end of the current: 121 s, of which 79 were seen by both.
        Assert.Equal(121_000L, bench.Entry(session).WorkingMs);
    }

    [Fact]
    public void A_job_that_is_held_does_not_work()
    {
        Bench bench = Heard();
        bench.Started();
        Instant from = bench.Now;
        Runs(bench);
        Runs(bench.After(100), JobState.Paused);
        Runs(bench.After(50), JobState.Paused);
        Runs(bench.After(10));
        Over(bench.After(100), from);
        bench.After(1).Tap();
        bench.After(0.25).Relay(closed: false);

        Assert.Equal(200_000L, bench.Entry(bench.Last<MachineEvent.JobRecorded>().Session).WorkingMs);
        Assert.Equal([new JobPause(from + Duration.FromSeconds(100), from + Duration.FromSeconds(160))], bench.Last<MachineEvent.JobRecorded>().Job.Pauses);
    }

    [Fact]
    public void A_machine_with_a_job_is_not_stopped_for_rest_and_one_without_is()
    {
        Bench bench = Heard();
        bench.Started();
        Instant from = bench.Now;
        for (int minute = 0; minute < 20; minute++)
        {
            Runs(bench);
            bench.Tick(60);
        }

        Assert.NotNull(bench.State.Session);
        Assert.True(MachineSessions.IsWorking(bench.State));
        Assert.Equal("running", bench.State.Code);

        Over(bench, from);
        Instant ended = bench.Now;
        for (int minute = 0; minute < 5; minute++)
        {
            Says(bench, null);
            Assert.NotNull(bench.State.Session);
            bench.Tick(60);
        }

        Assert.Null(bench.State.Session);
        Assert.Equal((EndReason.Idle, ended + Duration.FromMinutes(5)), (bench.Last<MachineEvent.SessionEnded>().Why, bench.Last<MachineEvent.SessionEnded>().EndedAt));
    }

    [Fact]
    public void Where_only_the_witness_could_say_and_it_is_away_nothing_is_stopped_for_rest()
    {
        Bench bench = Heard();
        bench.Started();
        bench.After(1).Send(new MachineSignal.JobReported(Printer, bench.Now, Heard: false));

        for (int minute = 0; minute < 30; minute++)
            bench.Tick(60);

        Assert.NotNull(bench.State.Session);
    }

    [Fact]
    public void A_job_told_of_after_its_use_goes_to_that_use_and_corrects_its_time()
    {
        Bench bench = Heard();
        bench.Started();
        SessionId session = bench.LastSession;
        bench.After(1).Send(new MachineSignal.JobReported(Printer, bench.Now, Heard: false));
        Instant from = bench.After(10).Now;
        bench.After(300).Tap();
        bench.After(0.25).Relay(closed: false);
        Assert.Equal(0, bench.Entry(session).WorkingMs);
        bench.After(3600);
        SessionId? other = Tapped(bench);

        // It is heard again: nothing is in hand, and this is what it did meanwhile.
        Says(bench, null);
        Over(bench, from, ended: from + Duration.FromSeconds(200));

        Assert.Equal(session, bench.Last<MachineEvent.JobRecorded>().Session);
        Assert.Equal(200_000L, bench.Entry(session).WorkingMs);
        Assert.Equal(0, bench.Entry(other).WorkingMs);
    }

    [Fact]
    public void A_job_without_a_session_is_nobodys_and_starts_nothing()
    {
        Bench bench = Heard();
        Instant from = bench.Now;
        Runs(bench);
        Over(bench.After(60), from);

        Assert.All(bench.Events.OfType<MachineEvent.JobRecorded>(), e => Assert.Null(e.Session));
        Assert.Empty(bench.Held);
        Assert.Empty(bench.Ledger.Entries());
    }

    [Fact]
    public void A_job_that_is_told_of_again_and_again_is_recorded_once()
    {
        Bench bench = Heard();
        Instant from = bench.Now;
        Runs(bench);
        for (int time = 0; time < 3; time++)
        {
            Over(bench.After(60), from, ended: from + Duration.FromSeconds(50));
            Runs(bench);
        }

        Assert.Equal([JobState.Running, JobState.Done], bench.Events.OfType<MachineEvent.JobRecorded>().Select(e => e.Job.State));
    }

    [Fact]
    public void What_the_device_did_before_it_was_known_here_is_not_recorded()
    {
        Bench bench = Heard();

        Over(bench.After(5), Lab.Now - Duration.FromHours(2), ended: Lab.Now - Duration.FromHours(1));

        Assert.Empty(bench.Events.OfType<MachineEvent.JobRecorded>());
    }

    [Fact]
    public void A_job_that_nobody_saw_end_ends_when_it_was_last_seen_until_the_device_tells()
    {
        Bench bench = Heard();
        bench.Started();
        SessionId session = bench.LastSession;
        Instant from = bench.Now;
        Runs(bench);
        Runs(bench.After(40));
        bench.Send(new MachineSignal.JobReported(Printer, bench.Now, Heard: false));
        Says(bench.After(500), null);

        MachineJob lost = bench.Last<MachineEvent.JobRecorded>().Job;
        Assert.Equal((JobState.Lost, from + Duration.FromSeconds(40)), (lost.State, lost.EndedAt));

        Over(bench, from, ended: from + Duration.FromSeconds(400));
        bench.After(1).Tap();
        bench.After(0.25).Relay(closed: false);

        Assert.Equal((JobState.Done, session), (bench.Last<MachineEvent.JobRecorded>().Job.State, bench.Last<MachineEvent.JobRecorded>().Session));
        Assert.Equal(400_000L, bench.Entry(session).WorkingMs);
    }

    [Fact]
    public void The_name_of_a_job_is_not_kept_in_the_state_and_progress_is_written_down_in_steps()
    {
        Bench bench = Heard();
        for (int percent = 0; percent <= 40; percent++)
            Says(bench.After(1), Job(Lab.Now) with { Progress = percent, Name = "cadeau pour Léa.gcode" });

        Assert.Null(bench.State.Tracks.Jobs!.Job!.Name);
        Assert.Equal([0d, 10, 20, 30, 40], bench.Events.OfType<MachineEvent.JobRecorded>().Select(e => e.Job.Progress!.Value));
        Assert.All(bench.Events.OfType<MachineEvent.JobRecorded>(), e => Assert.Equal("cadeau pour Léa.gcode", e.Job.Name));
    }

    [Fact]
    public void A_job_that_lost_its_power_with_its_use_is_over_and_one_of_a_machine_that_nothing_switches_may_go_on()
    {
        Bench bench = Heard();
        bench.Started();
        Runs(bench);
        Runs(bench.After(20));
        Instant seen = bench.Now;
        bench.After(1).Tap();
        bench.After(0.25).Relay(closed: false);
        bench.After(9).Send(new MachineSignal.JobReported(Printer, bench.Now, Heard: false));

        Assert.Equal((JobState.Lost, seen), (bench.Last<MachineEvent.JobRecorded>().Job.State, bench.Last<MachineEvent.JobRecorded>().Job.EndedAt));

        Bench alone = new(Rule with { Devices = [new DeviceBinding(DeviceRole.Witness, Printer)] });
        Says(alone, null);
        Runs(alone.After(5));
        alone.After(60).Send(new MachineSignal.JobReported(Printer, alone.Now, Heard: false));

        Assert.Equal(JobState.Running, alone.Last<MachineEvent.JobRecorded>().Job.State);
    }

    [Fact]
    public void A_job_whose_witness_is_taken_from_the_machine_ends_when_it_was_last_seen()
    {
        Bench bench = Heard();
        Instant from = bench.Now;
        Runs(bench);
        bench.Machine = Bench.Rule;
        bench.After(60).Send(new MachineSignal.PolicyChanged(null));

        Assert.Equal((JobState.Lost, from), (bench.Last<MachineEvent.JobRecorded>().Job.State, bench.Last<MachineEvent.JobRecorded>().Job.EndedAt));
        Assert.Null(bench.State.Tracks.Jobs!.Job);
    }

    [Fact]
    public void After_a_restart_of_the_gateway_nothing_is_known_until_the_witness_is_heard_again()
    {
        Bench bench = Heard();
        bench.Started();
        Runs(bench);
        bench.After(5).Send(new MachineSignal.GatewayRestarted(bench.Now));

        Assert.False(MachineSessions.IsWorking(bench.State));
        bench.After(1);
        Runs(bench);
        Assert.Equal(bench.State.Session is not null, MachineSessions.IsWorking(bench.State));
    }

    [Fact]
    public void What_cannot_be_is_put_right_before_it_is_recorded()
    {
        Bench bench = Heard();

        Says(bench.After(1), Job(bench.Now + Duration.FromDays(3)) with { Progress = double.NaN, Grams = -3, Millimetres = double.PositiveInfinity, Name = new string('x', 4000) });
        Says(bench, Job(Lab.Now) with { Device = new DeviceId("another") });
        Says(bench, Job(Lab.Now) with { Id = "" });

        MachineJob job = Assert.Single(bench.Events.OfType<MachineEvent.JobRecorded>()).Job;
        Assert.Equal((bench.Now, null, null, null, MachineJob.MaxName), (job.StartedAt, job.Progress, job.Grams, job.Millimetres, job.Name!.Length));
    }

    private static Bench Heard()
    {
        Bench bench = new(Rule);
        Says(bench, null);
        bench.After(10);
        return bench;
    }

    private static void Says(Bench bench, MachineJob? job) => bench.Send(new MachineSignal.JobReported(Printer, bench.Now, Heard: true, job));

    private static void Runs(Bench bench, JobState state = JobState.Running) => Says(bench, Job(bench.Now) with { State = state });

    private static void Over(Bench bench, Instant from, Instant? ended = null, double? grams = null) =>
        Says(bench, Job(from) with { State = JobState.Done, EndedAt = ended ?? bench.Now, Grams = grams });

    private static MachineJob Job(Instant from) => new() { Device = Printer, Id = "00002A", StartedAt = from };

    private static SessionId? Tapped(Bench bench)
    {
        bench.Started();
        return bench.LastSession;
    }
}
