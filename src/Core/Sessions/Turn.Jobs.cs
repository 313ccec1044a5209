using FabLab.Core.Policy;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>What the machine itself, or a program beside it, tells of its jobs. A job never holds a relay and never starts anything.</summary>
internal sealed partial class Turn
{
    /// <summary>How much further a job in hand must be before that is written down again.</summary>
    private const double ProgressStep = 10;

    private void OnJobReported(MachineSignal.JobReported report)
    {
        if (!IsItsOwn(report))
        {
            return;
        }

        if (Tracks.Jobs is not { } track || track.Device != report.Device)
        {
            if (!report.Heard)
            {
                return;
            }

            LoseJobInHand();
            Emit(new MachineEvent.WitnessCame(rule.Id, NextSeq, now, report.Device));
        }

        if (!report.Heard)
        {
            if (Session is null && rule.Device(DeviceRole.Relay) is not null)
            {
                // It was switched off with the machine: what it had in hand is over.
                LoseJobInHand();
            }

            Note(Tracks with { Jobs = Tracks.Jobs! with { Away = true } });
            return;
        }

        Instant at = Instant.Min(report.At, now);
        switch (report.Job is { } job ? Plausible(job, at) : null)
        {
            case { IsOver: true } over:
                OnJobOver(over);
                break;
            case { } inHand:
                Hear(at);
                OnJobInHand(inHand, at);
                break;
            default:
                LoseJobInHand();
                Hear(at);
                break;
        }
    }

    /// <summary>The device speaks of its own job, and of one that has a name to tell it from others.</summary>
    private static bool IsItsOwn(MachineSignal.JobReported report) =>
        report.Job is not { } job || (job.Device == report.Device && job.Id is { Length: > 0 and <= MachineJob.MaxId });

    /// <summary>What a device says, within what can be: no job of tomorrow, no end before the start, no figures that are none.</summary>
    private static MachineJob Plausible(MachineJob job, Instant at)
    {
        Instant started = Instant.Min(job.StartedAt, at);
        return job with
        {
            StartedAt = started,
            EndedAt = job.IsOver ? Instant.Max(started, Instant.Min(job.EndedAt ?? at, at)) : null,
            Name = job.Name is { Length: > MachineJob.MaxName } name ? name[..MachineJob.MaxName] : job.Name,
            Progress = job.Progress is >= 0 and <= 100 ? job.Progress : null,
            Grams = Figure(job.Grams),
            Millimetres = Figure(job.Millimetres),
            Pauses = job.Pauses.Count <= MachineJob.MaxPauses ? job.Pauses : [.. job.Pauses.Take(MachineJob.MaxPauses)],
        };

        static double? Figure(double? figure) => figure is >= 0 and < 1e9 ? figure : null;
    }

    private void Hear(Instant at) =>
        Note(Tracks with { Jobs = Tracks.Jobs! with { Away = false, HeardAt = Instant.Max(at, Tracks.Jobs.HeardAt) } });

    private void OnJobInHand(MachineJob job, Instant at)
    {
        JobTrack track = Tracks.Jobs!;
        if (track.Over.Any(past => past.Id == job.Id && !past.Lost))
        {
            // An older word that came late: it is over.
            return;
        }

        if (track.Job is not { } known || !known.IsSame(job))
        {
            LoseJobInHand();
            // Heard of again after nobody saw it end: it goes on as whose it was.
            PastJob? lost = track.Over.FirstOrDefault(past => past.Id == job.Id);
            Record(job with { Pauses = Held([], job.State, at) }, lost is null ? SessionAt(job.StartedAt) : lost.Session);
            return;
        }

        MachineJob next = job with { StartedAt = Instant.Min(known.StartedAt, job.StartedAt), Pauses = Held(known.Pauses, job.State, at) };
        if (next.State != known.State || !(next.Progress - (track.Recorded ?? 0) < ProgressStep || next.Progress is null))
        {
            Record(next, track.Session);
        }
        else
        {
            Note(Tracks with { Jobs = track with { Job = next with { Name = null } } });
        }
    }

    private void OnJobOver(MachineJob job)
    {
        JobTrack track = Tracks.Jobs!;
        if (job.EndedAt <= track.Since || track.Over.Any(past => past.Id == job.Id && !past.Lost))
        {
            return;
        }

        PastJob? lost = track.Over.FirstOrDefault(past => past.Id == job.Id);
        bool inHand = track.Job?.IsSame(job) == true;
        MachineJob whole = inHand ? job with { Pauses = Until(track.Job!.Pauses, job.EndedAt!.Value) } : job;
        Record(whole, inHand ? track.Session : lost is null ? SessionAt(job.StartedAt) : lost.Session);
    }

    /// <summary>The job in hand is not spoken of any more: it ended after it was last seen.</summary>
    private void LoseJobInHand()
    {
        if (Tracks.Jobs is not { Job: { } job } track)
        {
            return;
        }

        Instant seen = Instant.Max(job.StartedAt, Instant.Min(track.HeardAt, now));
        Record(job with { State = JobState.Lost, EndedAt = seen, Pauses = Until(job.Pauses, seen) }, track.Session);
    }

    /// <summary>Another device tells of the jobs from now on, or none: nobody will say how the job in hand ends.</summary>
    private void FollowWitness()
    {
        if (Tracks.Jobs is { Job: not null } track && rule.Device(DeviceRole.Witness)?.Device != track.Device)
        {
            LoseJobInHand();
        }
    }

    private void Record(MachineJob job, SessionId? session) => Emit(new MachineEvent.JobRecorded(rule.Id, NextSeq, now, session, job));

    private static ValueList<JobPause> Held(ValueList<JobPause> pauses, JobState state, Instant at)
    {
        bool held = pauses.Count > 0 && pauses[^1].To is null;
        return (state, held) switch
        {
            (JobState.Paused, false) when pauses.Count < MachineJob.MaxPauses => pauses.Add(new JobPause(at, null)),
            (JobState.Running, true) => Until(pauses, at),
            _ => pauses,
        };
    }

    private static ValueList<JobPause> Until(ValueList<JobPause> pauses, Instant at) =>
        pauses.Count > 0 && pauses[^1] is { To: null } open ? [.. pauses.SkipLast(1), open with { To = Instant.Max(open.From, at) }] : pauses;

    /// <summary>Whose use a moment lies in; the clocks of two devices are never quite the same.</summary>
    private SessionId? SessionAt(Instant at)
    {
        if (Session is { } open && at >= open.StartedAt - ClockDoubt)
        {
            return open.Id;
        }

        return Tracks.Jobs?.Uses.LastOrDefault(use => at >= use.From - ClockDoubt && at < use.To)?.Session;
    }
}
