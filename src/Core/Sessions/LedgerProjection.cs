using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Core.Sessions;

/// <summary>
/// The ledger as a fold over the events of machines: the same events in any order and any number of times give the same entries.
/// Every millisecond of closed main relay is in exactly one entry. Not safe for several threads.
/// </summary>
public sealed class LedgerProjection
{
    private readonly Dictionary<SessionId, Account> _sessions = [];
    private readonly Dictionary<(MachineId Machine, long Key), StretchAccount> _unattributed = [];
    private readonly Dictionary<(MachineId Machine, long Seq), MachineEvent.UnknownTimeRecorded> _unknown = [];

    /// <summary>A projection of some events.</summary>
    /// <param name="events">The events.</param>
    public static LedgerProjection Of(IEnumerable<MachineEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        LedgerProjection projection = new();
        foreach (MachineEvent happened in events)
        {
            projection.Add(happened);
        }

        return projection;
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event; of those that concern no time nothing is kept.</param>
    public void Add(MachineEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        switch (happened)
        {
            case MachineEvent.SessionStarted e:
                AccountOf(e.Session.Id, e.Machine).Start = e.Session;
                break;
            case MachineEvent.SessionEnded e:
                AccountOf(e.Session, e.Machine).End = e;
                break;
            case MachineEvent.ProjectSet e:
                Account project = AccountOf(e.Session, e.Machine);
                if (project.Project is null || e.Seq > project.Project.Seq)
                {
                    project.Project = e;
                }

                break;
            case MachineEvent.BookingClaimed { Session: { } session } e:
                Account claims = AccountOf(session, e.Machine);
                if (claims.Claimed is null || e.Seq < claims.Claimed.Seq)
                {
                    claims.Claimed = e;
                }

                break;
            case MachineEvent.WorkEnded e:
                AccountOf(e.Session, e.Machine).Work[e.Seq] = e;
                break;
            case MachineEvent.JobRecorded { Session: { } session } e:
                Dictionary<(DeviceId, string), MachineEvent.JobRecorded> jobs = AccountOf(session, e.Machine).Jobs;
                if (!jobs.TryGetValue((e.Job.Device, e.Job.Id), out MachineEvent.JobRecorded? before) || e.Seq > before.Seq)
                {
                    jobs[(e.Job.Device, e.Job.Id)] = e;
                }

                break;
            case MachineEvent.StretchOpened { Session: { } session } e:
                AccountOf(session, e.Machine).Opened.TryAdd(e.Seq, e.From.At);
                break;
            case MachineEvent.StretchLapsed { Stretch: { Session: { } session } stretch } e:
                AccountOf(session, e.Machine).Lapsed[stretch.Key] = stretch;
                break;
            case MachineEvent.StretchClosed { Stretch: { Session: { } session } stretch } e:
                AccountOf(session, e.Machine).Closed[stretch.Key] = stretch;
                break;
            case MachineEvent.StretchClosed { Stretch: { Session: null } stretch } e:
                _unattributed[(e.Machine, stretch.Key)] = stretch;
                break;
            case MachineEvent.OfflineUseRecorded e:
                Account offline = AccountOf(e.Use.Session, e.Machine);
                if (offline.Offline?.To is null)
                {
                    // The record with the end says all that the one without it says.
                    offline.Offline = e.Use;
                }

                break;
            case MachineEvent.UnknownTimeRecorded { Session: { } session } e:
                AccountOf(session, e.Machine).Unknown[e.Seq] = Ms(e);
                break;
            case MachineEvent.UnknownTimeRecorded { Session: null } e:
                _unknown[(e.Machine, e.Seq)] = e;
                break;
        }
    }

    /// <summary>The entry of a session; null when nothing is known of it.</summary>
    /// <param name="session">The session.</param>
    public LedgerEntry? Entry(SessionId session) => _sessions.TryGetValue(session, out Account? account) ? account.Entry() : null;

    /// <summary>All entries by their start, then by key.</summary>
    public IReadOnlyList<LedgerEntry> Entries()
    {
        List<LedgerEntry> entries = [];
        foreach (Account account in _sessions.Values)
        {
            entries.Add(account.Entry());
        }

        foreach (((MachineId machine, long key), StretchAccount stretch) in _unattributed)
        {
            bool main = stretch.Channel == RelayChannel.Main;
            entries.Add(new LedgerEntry
            {
                Key = $"u:{machine}:{key}",
                Machine = machine,
                StartedAt = stretch.From.At,
                EndedAt = stretch.KnownUntil.At,
                PoweredMs = main ? stretch.KnownMs : 0,
                ExhaustMs = main ? 0 : stretch.KnownMs,
                UnknownMs = main ? stretch.UnknownMs : 0,
                Wh = stretch.Wh,
                Settled = true,
            });
        }

        foreach (((MachineId machine, long seq), MachineEvent.UnknownTimeRecorded unknown) in _unknown)
        {
            entries.Add(new LedgerEntry
            {
                Key = $"x:{machine}:{seq}",
                Machine = machine,
                StartedAt = unknown.From,
                EndedAt = unknown.To,
                UnknownMs = Ms(unknown),
                Settled = true,
            });
        }

        entries.Sort((one, two) => one.StartedAt != two.StartedAt
            ? one.StartedAt.CompareTo(two.StartedAt)
            : string.CompareOrdinal(one.Key, two.Key));
        return entries;
    }

    private static long Ms(MachineEvent.UnknownTimeRecorded unknown) => Math.Max(0, (long)(unknown.To - unknown.From).TotalMilliseconds);

    private Account AccountOf(SessionId session, MachineId machine)
    {
        if (!_sessions.TryGetValue(session, out Account? account))
        {
            _sessions[session] = account = new Account(session, machine);
        }

        return account;
    }

    /// <summary>What is known of one session. Everything is kept under the key of its event, so a second copy changes nothing.</summary>
    private sealed class Account(SessionId id, MachineId machine)
    {
        public OpenSession? Start { get; set; }

        public MachineEvent.SessionEnded? End { get; set; }

        public MachineEvent.ProjectSet? Project { get; set; }

        /// <summary>The first booking that was claimed by it.</summary>
        public MachineEvent.BookingClaimed? Claimed { get; set; }

        public OfflineUseRecord? Offline { get; set; }

        public Dictionary<long, Instant> Opened { get; } = [];

        public SortedDictionary<long, StretchAccount> Lapsed { get; } = [];

        public SortedDictionary<long, StretchAccount> Closed { get; } = [];

        /// <summary>Work as the meter tells of it.</summary>
        public SortedDictionary<long, MachineEvent.WorkEnded> Work { get; } = [];

        /// <summary>Work as the machine itself tells of it: the last word about each job.</summary>
        public Dictionary<(DeviceId Device, string Job), MachineEvent.JobRecorded> Jobs { get; } = [];

        public Dictionary<long, long> Unknown { get; } = [];

        public LedgerEntry Entry()
        {
            LedgerEntry entry = new()
            {
                Key = $"s:{id}",
                Machine = machine,
                Session = id,
                Person = Start?.Person,
                Badge = Start?.Badge,
                Companion = Start?.Companion,
                Project = Project is { } set ? set.Project : Start?.Project,
                Booking = Start?.Booking ?? Claimed?.Claim.Booking,
                StartedAt = Start?.StartedAt ?? Earliest(),
                EndedAt = End?.EndedAt,
                Why = End?.Why,
                Offline = Start?.Offline ?? Offline is not null,
                Settled = End is not null,
            };

            if (Start is null && Offline is { } use)
            {
                entry = entry with
                {
                    Person = use.Person, Badge = use.Badge, StartedAt = use.From.At, EndedAt = use.To?.At, Why = EndReason.Offline,
                };
                if (use.To is { } to)
                {
                    // A device that was alone tells the use as a whole. (Was it taken over by the gateway, its stretches count.)
                    return entry with
                    {
                        PoweredMs = use.PoweredMs ?? use.From.MsUntil(to), WorkingMs = use.WorkingMs ?? 0, Wh = use.Wh ?? 0, Settled = true,
                    };
                }
            }

            entry = entry with { WorkingMs = WorkingMs(entry.StartedAt, entry.EndedAt) };

            foreach (long ms in Unknown.Values)
            {
                entry = entry with { UnknownMs = entry.UnknownMs + ms };
            }

            // In the order of the keys, because sums of fractions depend on their order.
            foreach (StretchAccount stretch in Closed.Values)
            {
                entry = With(entry, stretch);
            }

            foreach ((long key, StretchAccount stretch) in Lapsed)
            {
                if (!Closed.ContainsKey(key))
                {
                    entry = With(entry, stretch) with { Settled = false };
                }
            }

            foreach (long key in Opened.Keys)
            {
                if (!Closed.ContainsKey(key))
                {
                    entry = entry with { Settled = false };
                }
            }

            if (Start is null && Offline is { To: null } && entry.EndedAt is null && Closed.Count > 0 && Closed.Count == Opened.Count)
            {
                entry = entry with { EndedAt = LastSeen(), Settled = true };
            }
            else if (End?.Why is EndReason.LinkLost or EndReason.FinishedAlone or EndReason.GatewayRestarted or EndReason.PowerLost
                && LastSeen() is { } seen && seen > entry.EndedAt)
            {
                // What the device told afterwards is better than what was known when it was lost.
                entry = entry with { EndedAt = seen };
            }

            // The end of work may have been taken for later than the relay, as the device told afterwards, was closed.
            return entry.Settled ? entry with { WorkingMs = Math.Min(entry.WorkingMs, entry.PoweredMs + entry.UnknownMs) } : entry;
        }

        /// <summary>
        /// How long it worked, by whoever saw it: what the meter saw, and of the jobs what the meter did not see. A job counts inside
        /// the use it began in; one in hand counts only once its end or that of the use is known.
        /// </summary>
        private long WorkingMs(Instant from, Instant? to)
        {
            long ms = 0;
            foreach (MachineEvent.WorkEnded work in Work.Values)
            {
                ms += work.Ms;
            }

            if (Jobs.Count == 0 || to is not { } end || end <= from)
            {
                return ms;
            }

            IntervalSet metered = IntervalSet.Of(Work.Values.Where(work => work.Ms > 0).Select(work => new Interval(work.From.At, work.From.At + Duration.FromMilliseconds(work.Ms))));
            IntervalSet jobs = IntervalSet.Of(Jobs.Values.SelectMany(job => job.Job.Work(end)));
            return ms + (long)jobs.Within(new Interval(from, end)).Except(metered).Total.TotalMilliseconds;
        }

        private static LedgerEntry With(LedgerEntry entry, StretchAccount stretch) => (stretch.Channel, stretch.Kind) switch
        {
            (RelayChannel.Exhaust, _) => entry with { ExhaustMs = entry.ExhaustMs + stretch.KnownMs },
            (_, StretchKind.CoolDown) => entry with
            {
                CoolDownMs = entry.CoolDownMs + stretch.KnownMs,
                UnknownMs = entry.UnknownMs + stretch.UnknownMs,
                Wh = entry.Wh + stretch.Wh,
            },
            _ => entry with
            {
                PoweredMs = entry.PoweredMs + stretch.KnownMs,
                UnknownMs = entry.UnknownMs + stretch.UnknownMs,
                Wh = entry.Wh + stretch.Wh,
            },
        };

        /// <summary>The last moment at which the main relay is known to have been closed for use.</summary>
        private Instant? LastSeen()
        {
            Instant? last = null;
            foreach (StretchAccount stretch in Closed.Values)
            {
                if (stretch is { Channel: RelayChannel.Main, Kind: StretchKind.Use } && !(stretch.KnownUntil.At <= last))
                {
                    last = stretch.KnownUntil.At;
                }
            }

            return last;
        }

        /// <summary>The start of a session of which only parts have come so far.</summary>
        private Instant Earliest()
        {
            Instant? earliest = End?.EndedAt;
            foreach (Instant at in Opened.Values)
            {
                earliest = at >= earliest ? earliest : at;
            }

            foreach (StretchAccount stretch in Closed.Values)
            {
                earliest = stretch.From.At >= earliest ? earliest : stretch.From.At;
            }

            return earliest ?? default;
        }
    }
}
