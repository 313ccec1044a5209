using System.Text.Json;
using FabLab.Booking.Data;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Web;
using FabLab.Core;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace FabLab.Booking.Features.Floor.Pages;

/// <summary>Reads what the floor shows. A few queries, however many machines there are.</summary>
public sealed partial class FloorQueries(BookingDbContext db, ILogger<FloorQueries> log)
{
    /// <summary>A gateway asks for changes all the time; one silent for so long has no news of its machines.</summary>
    public static readonly Duration GatewaySilence = Duration.FromMinutes(3);

    private static readonly Duration Ahead = Duration.FromHours(24);

    /// <summary>The machines as the floor shows them; one when a code is given.</summary>
    public async Task<IReadOnlyList<MachineGlance>> MachinesAsync(Viewer viewer, Instant now, string? code, CancellationToken cancellationToken)
    {
        List<Machine> machines = await db.Machines
            .Where(m => !m.Retired && (code == null ? m.Kind == ResourceKind.Machine : m.Code == code)).OrderBy(m => m.Code).ToListAsync(cancellationToken);
        if (machines.Count == 0)
            return [];
        MachineId? one = code is null ? null : machines[0].Id;
        Dictionary<MachineId, MachineNow> states = await db.MachinesNow
            .Where(s => one == null || s.MachineId == one).ToDictionaryAsync(s => s.MachineId, cancellationToken);
        Dictionary<string, Instant?> gateways = await db.Gateways.ToDictionaryAsync(g => g.Name, g => g.LastSeenAt, cancellationToken);
        ILookup<MachineId, LockOutRow> lockOuts = (await db.LockOuts
            .Where(l => l.ReleasedAt == null && (one == null || l.MachineId == one)).ToListAsync(cancellationToken)).ToLookup(l => l.MachineId);
        HashSet<MachineId> switched = [.. await db.MachineDevices
            .Where(d => d.Role == DeviceRole.Relay && (one == null || d.MachineId == one)).Select(d => d.MachineId).ToListAsync(cancellationToken)];
        Instant soon = now + Ahead;
        ILookup<MachineId, Reservation> bookings = (await db.Reservations
            .Where(b => b.CancelledAt == null && b.NoShowAt == null && b.End > now && b.Start < soon && (one == null || b.MachineId == one))
            .OrderBy(b => b.Start).ToListAsync(cancellationToken)).ToLookup(b => b.MachineId);

        var glances = new List<(MachineGlance Glance, MachineState? State)>(machines.Count);
        foreach (Machine machine in machines)
        {
            MachineNow? told = states.GetValueOrDefault(machine.Id);
            MachineState? state = told is null ? null : Read(told);
            // The box fell silent when its gateway said so; the gateway itself when we last heard it.
            Instant? heard = told is null ? null : gateways.GetValueOrDefault(told.Gateway) ?? told.At;
            glances.Add((Glance(machine, state, switched.Contains(machine.Id), heard, [.. lockOuts[machine.Id]], bookings[machine.Id].FirstOrDefault(), now), state));
        }

        return viewer.SignedIn ? await WithNamesAsync(viewer, glances, cancellationToken) : [.. glances.Select(g => g.Glance)];
    }

    /// <summary>How staff see some people.</summary>
    public async Task<Dictionary<PersonId, PersonGlance>> PeopleAsync(IEnumerable<PersonId?> wanted, CancellationToken cancellationToken)
    {
        List<PersonId> ids = [.. wanted.OfType<PersonId>().Distinct()];
        return ids.Count == 0
            ? []
            : await db.People.Where(p => ids.Contains(p.Id)).Select(p => new { p.Id, p.DisplayName, p.ShortCode })
                .ToDictionaryAsync(p => p.Id, p => new PersonGlance(p.Id, p.DisplayName ?? p.ShortCode), cancellationToken);
    }

    private static MachineGlance Glance(
        Machine machine, MachineState? state, bool switched, Instant? heard, IReadOnlyList<LockOutRow> lockOuts, Reservation? next, Instant now)
    {
        MachineState? use = state is MachineState.LockOutPending pending ? pending.Use : state;
        OpenSession? session = use?.Session;
        ShownState shown = Shown(machine, use, switched, heard, lockOuts, now);
        bool inUse = shown is ShownState.WaitingSecondBadge or ShownState.On or ShownState.Running or ShownState.CoolingDown;
        string? cause = shown switch
        {
            ShownState.Fault => machine.BrokenCause ?? state?.ActiveLockOut?.Cause,
            ShownState.LockedOut => lockOuts.OrderBy(l => l.Since).FirstOrDefault()?.Cause ?? state?.ActiveLockOut?.Cause,
            _ => null,
        };
        return new MachineGlance
        {
            Id = machine.Id,
            Code = machine.Code,
            Name = new Words(machine.NameFr, machine.NameEn),
            Type = machine.Rule.Type,
            State = shown,
            Since = use is MachineState.AwaitingSecondBadge waiting ? waiting.Waiting.Since : session?.StartedAt,
            Until = use switch
            {
                MachineState.CoolingDown cooling => cooling.Cooling.Until,
                MachineState.AwaitingSecondBadge awaiting => awaiting.Waiting.Until,
                _ => session?.Until,
            },
            Cause = string.IsNullOrWhiteSpace(cause) ? null : cause,
            LinkDown = inUse && use!.Tracks.LinkDown,
            LockPending = inUse && (state is MachineState.LockOutPending || lockOuts.Count > 0),
            LastHeard = shown == ShownState.Offline ? heard : null,
            NextFrom = next?.Start,
            NextUntil = next?.End,
        };
    }

    private static ShownState Shown(Machine machine, MachineState? use, bool switched, Instant? heard, IReadOnlyList<LockOutRow> lockOuts, Instant now)
    {
        bool silent = heard is { } last && now - last > GatewaySilence;
        // What goes on at the machine is said first; a lock-out that has not taken hold yet is a line below it.
        ShownState? busy = silent ? null : use switch
        {
            MachineState.AwaitingSecondBadge => ShownState.WaitingSecondBadge,
            MachineState.Ready { Tracks.Jobs.Works: true } => ShownState.Running,
            MachineState.Ready => ShownState.On,
            MachineState.Running => ShownState.Running,
            MachineState.CoolingDown => ShownState.CoolingDown,
            _ => null,
        };
        if (busy is { } state)
            return state;
        if (use is MachineState.Fault || machine.BrokenCause is not null)
            return ShownState.Fault;
        if (lockOuts.Count > 0 || use is MachineState.LockedOut)
            return ShownState.LockedOut;
        // A room or a desk has nothing to switch and nothing to tell.
        if (use is null)
            return switched ? ShownState.Unknown : ShownState.Free;
        return silent || use.Tracks.LinkDown ? ShownState.Offline : ShownState.Free;
    }

    private async Task<IReadOnlyList<MachineGlance>> WithNamesAsync(
        Viewer viewer, List<(MachineGlance Glance, MachineState? State)> glances, CancellationToken cancellationToken)
    {
        static PersonId? Maker(MachineState? state) => state switch
        {
            MachineState.AwaitingSecondBadge waiting => waiting.Waiting.Person,
            _ => state?.Session?.Person,
        };

        Dictionary<PersonId, PersonGlance> people = await PeopleAsync(
            glances.SelectMany(g => new[] { Maker(g.State), g.State?.Session?.Companion }), cancellationToken);
        List<ProjectId> projectIds = [.. glances.Select(g => g.State?.Session?.Project).OfType<ProjectId>().Distinct()];
        Dictionary<ProjectId, string> projects = projectIds.Count == 0
            ? []
            : await db.Projects.Where(p => projectIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return
        [
            .. glances.Select(g => g.Glance.InUse && Maker(g.State) is { } maker && Told(g.Glance, maker)
                ? g.Glance with
                {
                    Person = people.GetValueOrDefault(maker),
                    Companion = g.State?.Session?.Companion is { } companion && Told(g.Glance, companion) ? people.GetValueOrDefault(companion) : null,
                    Project = g.State?.Session?.Project is { } project ? projects.GetValueOrDefault(project) : null,
                }
                : g.Glance),
        ];

        bool Told(MachineGlance glance, PersonId person) => viewer.May(Right.SeeUsers, glance.Id) || viewer.MaySee(person);
    }

    private MachineState? Read(MachineNow told)
    {
        try
        {
            return JsonSerializer.Deserialize<MachineState>(told.State, CoreJson.Options);
        }
        catch (JsonException failure)
        {
            // A newer gateway may tell of a state this version does not know: the machine is shown as unknown, not hidden.
            Log.UnreadableState(log, told.MachineId.Value, failure);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 5411, Level = LogLevel.Warning, Message = "The state told for machine {Machine} cannot be read.")]
        public static partial void UnreadableState(ILogger logger, Guid machine, Exception failure);
    }
}
