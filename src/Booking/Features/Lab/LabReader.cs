using System.Globalization;
using System.Text.Json;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.SignIn;
using FabLab.Core;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;

namespace FabLab.Booking.Features.Lab;

/// <summary>Reads a lab description and checks all of it, names included, before anything is written.</summary>
internal sealed class LabReader(Instant now)
{
    private readonly List<LabFault> _faults = [];
    private readonly HashSet<string> _trainings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int?> _devices = new(StringComparer.Ordinal);
    private readonly HashSet<string> _machines = new(StringComparer.Ordinal);
    private readonly HashSet<string> _projects = new(StringComparer.Ordinal);
    private readonly HashSet<string> _people = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Device, DeviceRole Role, int Channel), string> _bound = [];
    private readonly Dictionary<string, string> _badges = new(StringComparer.Ordinal);
    private LabDates _dates = new(now, DateTimeZone.Utc);

    public static (LabDescription? Lab, IReadOnlyList<LabFault> Faults) Read(ReadOnlySpan<byte> file, Instant now)
    {
        LocatedJson root;
        try
        {
            root = LocatedJson.Parse(file);
        }
        catch (JsonException fault)
        {
            return (null, [new LabFault((int)(fault.LineNumber ?? 0) + 1, fault.Path ?? "", "This is no JSON: " + FirstSentence(fault.Message))]);
        }
        var reader = new LabReader(now);
        var lab = reader.Lab(root);
        return (reader._faults.Count == 0 ? lab : null, [.. reader._faults.OrderBy(fault => fault.Line)]);
    }

    private static string FirstSentence(string message) => message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];

    private LabDescription? Lab(LocatedJson root)
    {
        if (new LabFields(root, _faults).Of(root) is not { } top)
            return null;
        top.TextOrNull("about", 1000);
        var (site, hours) = Site(top);
        _dates = new LabDates(now, DateTimeZoneProviders.Tzdb.GetZoneOrNull(site.Zone) ?? DateTimeZone.Utc);
        // In this order: later lists name things of earlier ones. People name projects and projects people.
        var trainings = Each(top, "trainings", Training);
        var devices = Each(top, "devices", Device);
        var machines = Each(top, "machines", Machine);
        foreach (var machine in machines.Where(machine => machine.Room is not null))
            CheckRoom(machine, machines);
        var terms = LabHoursReader.Terms(top, _machines.Contains);
        var quotas = LabHoursReader.Quotas(top, _machines.Contains);
        var pools = LabHoursReader.Pools(top, code => machines.Exists(machine => machine.Rule.Code == code && machine.Kind == ResourceKind.Machine));
        foreach (var person in top.List("people"))
            _people.Add(person.Members.GetValueOrDefault("code")?.Text?.Trim().ToUpperInvariant() ?? "");
        var projects = Each(top, "projects", Project);
        _people.Clear();
        var people = Each(top, "people", Person);
        top.Finish();
        return new LabDescription(site, hours, terms, quotas, pools, trainings, devices, machines, projects, people);
    }

    private static List<T> Each<T>(LabFields top, string name, Func<LabFields, T> read)
    {
        var all = new List<T>();
        foreach (var item in top.List(name))
        {
            if (top.Of(item) is not { } fields)
                continue;
            all.Add(read(fields));
            fields.Finish();
        }
        return all;
    }

    private void CheckRoom(LabMachine machine, List<LabMachine> machines)
    {
        if (machine.Kind == ResourceKind.Room || !machines.Exists(room => room.Rule.Code == machine.Room && room.Kind == ResourceKind.Room))
            _faults.Add(new LabFault(0, "machines", $"{machine.Rule.Code}: '{machine.Room}' is no room, or a room stands in a room."));
    }

    private (SiteRule Rule, SiteTimetable? Hours) Site(LabFields top)
    {
        if (top.Object("site") is not { } fields)
            return (new SiteRule(), null);
        var zone = fields.Text("zone", 64, "Europe/Paris");
        if (zone.Length > 0 && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) is null)
            fields.Fault(fields.Node.Members["zone"], $"'{zone}' is no IANA time zone.");
        var rule = new SiteRule
        {
            Name = fields.Text("name", 100, ""),
            Zone = zone,
            MinorsPerAdult = fields.Whole("minorsPerAdult", 0, 100) ?? new SiteRule().MinorsPerAdult,
            AttemptLimit = fields.Whole("attemptLimit", 0, 1000) ?? new SiteRule().AttemptLimit,
            AttemptWindow = fields.Whole("attemptWindowMinutes", 1, 1440) is { } minutes ? Duration.FromMinutes(minutes) : new SiteRule().AttemptWindow,
            ClaimBefore = fields.Whole("claimBeforeMinutes", 0, 120) is { } early ? Duration.FromMinutes(early) : new SiteRule().ClaimBefore,
            OneMachineAtATime = fields.Flag("oneMachineAtATime", new SiteRule().OneMachineAtATime),
        };
        if (fields.Take("opening") is { } old)
            fields.Fault(old, "Hours are written as 'hours' now: samples/lab/README.md shows how.");
        var zoned = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
        var hours = LabHoursReader.Hours(fields, zoned.Id, now.InZone(zoned).Date);
        fields.Finish();
        return (rule, hours);
    }

    private LabTraining Training(LabFields fields) => new(
        Code(fields, _trainings, 32),
        fields.Text("nameFr", 100),
        fields.Text("nameEn", 100),
        fields.Whole("validMonths", 1, 600),
        fields.Whole("unusedMonths", 1, 600),
        fields.TextOrNull("nextSession", 40) is { } when ? _dates.Moment(fields, "nextSession", when) : null);

    private LabDevice Device(LabFields fields)
    {
        var id = fields.Text("id", Machines.Device.MaxId);
        var channels = fields.Whole("channels", 0, 64);
        if (id.Length > 0 && !_devices.TryAdd(id, channels))
            fields.Fault(fields.Node, $"A device '{id}' is described twice.");
        fields.TextOrNull("link", 16);
        return new LabDevice(id, fields.Text("driver", 32), fields.Text("label", 100, ""), channels, fields.TextOrNull("testedFirmware", 64));
    }

    private LabMachine Machine(LabFields fields)
    {
        var usual = new MachineRule { Id = default, Code = "", NameFr = "", NameEn = "" };
        var code = Code(fields, _machines, Machines.Machine.MaxCode, upper: true);
        var rule = usual with
        {
            Code = code,
            NameFr = fields.Text("nameFr", 100),
            NameEn = fields.Text("nameEn", 100),
            Type = fields.Text("type", 32, ""),
            Level = fields.Choice("level", MachineLevel.Green),
            AgeAccompanied = fields.Whole("ageAccompanied", 0, 120),
            AgeAlone = fields.Whole("ageAlone", 0, 120),
            LearnersWelcome = fields.Flag("learnersWelcome", usual.LearnersWelcome),
            NeedsMembership = fields.Flag("needsMembership", usual.NeedsMembership),
            NeedsCheckIn = fields.Flag("needsCheckIn", usual.NeedsCheckIn),
            NeedsProject = fields.Flag("needsProject", usual.NeedsProject),
            NeedsSecondPerson = fields.Flag("needsSecondPerson", usual.NeedsSecondPerson),
            Dangerous = fields.Flag("dangerous", usual.Dangerous),
            Attended = fields.Flag("attended", usual.Attended),
            Handover = fields.Flag("handover", usual.Handover),
            Lease = fields.Whole("leaseSeconds", 1, 3600) is { } lease ? Duration.FromSeconds(lease) : usual.Lease,
            LostLink = fields.Choice("lostLink", usual.LostLink),
            LostLinkCap = fields.Number("lostLinkCapHours", 0, 168) is { } cap ? Duration.FromHours((double)cap) : usual.LostLinkCap,
            MaxSession = fields.Number("maxMinutes", 1, 100_000) is { } most ? Duration.FromMinutes((double)most) : null,
            IdleStop = fields.Number("idleStopMinutes", 1, 1440) is { } idle ? Duration.FromMinutes((double)idle) : null,
            BookingEnd = fields.Choice("bookingEnd", usual.BookingEnd),
            BookingEndCap = fields.Number("bookingEndCapMinutes", 0, 1440) is { } finish ? Duration.FromMinutes((double)finish) : usual.BookingEndCap,
            SecondBadgeWindow = fields.Whole("secondBadgeSeconds", 5, 600) is { } second ? Duration.FromSeconds(second) : usual.SecondBadgeWindow,
            MaxPolicyAge = fields.Number("maxPolicyAgeHours", 0, 8760) is { } age ? Duration.FromHours((double)age) : usual.MaxPolicyAge,
            CoolDown = fields.Object("coolDown") is { } coolDown ? CoolDown(coolDown) : null,
            Power = fields.Object("power") is { } power ? Power(power) : usual.Power,
        };
        if (rule is { AgeAccompanied: { } beside, AgeAlone: { } alone } && beside > alone)
            fields.Fault(fields.Node, "'ageAccompanied' is above 'ageAlone'.");
        var needs = fields.Take("requires") is { } requires ? Need(fields, requires) : null;
        var bindings = new List<LabBinding>();
        foreach (var item in fields.List("devices"))
        {
            if (fields.Of(item) is not { } binding)
                continue;
            bindings.Add(Binding(binding, code));
            binding.Finish();
        }
        if (rule.CoolDown?.Channel == RelayChannel.Exhaust && !bindings.Any(binding => binding.Role == DeviceRole.Exhaust))
            fields.Fault(fields.Node.Members["coolDown"], "The exhaust runs on, but no device is bound as exhaust.");
        return new LabMachine(rule, fields.Choice("kind", ResourceKind.Machine), fields.TextOrNull("room", Machines.Machine.MaxCode)?.ToUpperInvariant(), needs, bindings);
    }

    private static CoolDownRule CoolDown(LabFields fields)
    {
        var rule = new CoolDownRule(Duration.FromSeconds(fields.Whole("seconds", 1, 86_400) ?? 1), fields.Choice("channel", RelayChannel.Main));
        fields.Finish();
        return rule;
    }

    private static PowerRule Power(LabFields fields)
    {
        var usual = new PowerRule();
        var rule = usual with
        {
            WorkingAboveWatts = (double)(fields.Number("workingAboveWatts", 0, 100_000) ?? (decimal)usual.WorkingAboveWatts),
            WorkingFor = fields.Number("workingForSeconds", 0, 3600) is { } working ? Duration.FromSeconds((double)working) : usual.WorkingFor,
            RestingBelowWatts = (double)(fields.Number("restingBelowWatts", 0, 100_000) ?? (decimal)usual.RestingBelowWatts),
            RestingFor = fields.Number("restingForSeconds", 0, 3600) is { } resting ? Duration.FromSeconds((double)resting) : usual.RestingFor,
            WeldAboveWatts = (double)(fields.Number("weldAboveWatts", 0, 100_000) ?? (decimal)usual.WeldAboveWatts),
            WeldFor = fields.Number("weldForSeconds", 0, 3600) is { } weld ? Duration.FromSeconds((double)weld) : usual.WeldFor,
        };
        if (rule.RestingBelowWatts > rule.WorkingAboveWatts)
            fields.Fault(fields.Node, "'restingBelowWatts' is above 'workingAboveWatts'.");
        fields.Finish();
        return rule;
    }

    private LabNeed? Need(LabFields fields, LocatedJson node)
    {
        if (node.Text is { } code)
        {
            if (!_trainings.Contains(code))
                fields.Fault(node, $"There is no training '{code}'.");
            return new LabNeed(code, false, []);
        }
        if (node.Kind == JsonTokenType.StartArray)
            return new LabNeed(null, false, [.. node.Items.Select(item => Need(fields, item)).OfType<LabNeed>()]);
        if (node is { Kind: JsonTokenType.StartObject, Members.Count: 1 } && node.Members.Keys.Single() is "all" or "any"
            && node.Members.Values.Single() is { Kind: JsonTokenType.StartArray } branches)
        {
            return new LabNeed(null, node.Members.ContainsKey("any"), [.. branches.Items.Select(item => Need(fields, item)).OfType<LabNeed>()]);
        }
        fields.Fault(node, "Name a training, or give {\"all\": […]} or {\"any\": […]}.");
        return null;
    }

    private LabBinding Binding(LabFields fields, string machine)
    {
        var role = fields.Choice("role", DeviceRole.Relay);
        var device = fields.Text("device", Machines.Device.MaxId);
        var channel = fields.Whole("channel", 0, 63) ?? 0;
        var reader = fields.TextOrNull("reader", 32);
        if (device.Length > 0 && !_devices.TryGetValue(device, out _))
            fields.Fault(fields.Node, $"There is no device '{device}'.");
        else if (role is DeviceRole.Relay or DeviceRole.Exhaust or DeviceRole.Meter && _devices.GetValueOrDefault(device) is { } channels && channel >= channels)
            fields.Fault(fields.Node, $"'{device}' has {channels} channels, counted from 0.");
        if (reader is not null && ReaderProfile.Find(reader) is null)
            fields.Fault(fields.Node.Members["reader"], $"There is no reader profile '{reader}'.");
        // A relay channel feeds one machine; a reader may serve several.
        if (role is DeviceRole.Relay or DeviceRole.Exhaust && !_bound.TryAdd((device, DeviceRole.Relay, channel), machine))
            fields.Fault(fields.Node, $"Channel {channel} of '{device}' already switches {_bound[(device, DeviceRole.Relay, channel)]}.");
        return new LabBinding(role, device, channel, reader);
    }

    private LabProject Project(LabFields fields)
    {
        var code = Code(fields, _projects, 32);
        var people = new List<string>();
        foreach (var item in fields.List("people"))
        {
            var person = item.Text?.Trim().ToUpperInvariant() ?? "";
            if (!_people.Contains(person))
                fields.Fault(item, "There is nobody with that code.");
            people.Add(person);
        }
        return new LabProject(code, fields.Text("name", 100), fields.Text("type", 32, ""), people);
    }

    private LabPerson Person(LabFields fields)
    {
        var code = Code(fields, _people, People.Person.MaxCode, upper: true);
        var birth = fields.TextOrNull("birthDate", 10) is { } day ? _dates.Day(fields, "birthDate", day)?.Day : null;
        var age = fields.Whole("age", 0, 120);
        if (age is { } years && birth is null && years < 18)
            birth = _dates.Today.PlusYears(-years).PlusDays(-90);
        var adult = fields.Flag("adult", age >= 18) || (birth is { } born && born.PlusYears(18) <= _dates.Today);
        var member = fields.TextOrNull("memberThrough", 10) is { } through ? _dates.Day(fields, "memberThrough", through) : null;
        var project = fields.TextOrNull("project", 32);
        if (project is not null && !_projects.Contains(project))
            fields.Fault(fields.Node.Members["project"], $"There is no project '{project}'.");
        return new LabPerson(
            code,
            fields.TextOrNull("name", People.Person.MaxName),
            fields.Flag("active", true),
            adult,
            adult ? null : birth,
            member?.Day,
            member?.Relative ?? false,
            project,
            fields.Flag("mayAccompany", false),
            fields.Whole("minorsLimit", 0, 100),
            fields.Flag("present", false),
            Role(fields),
            fields.Choice("badgeState", BadgeState.Active),
            [.. fields.List("badges").Select(item => Badge(fields, item, code)).OfType<LabBadge>()],
            [.. fields.List("habilitations").Select(item => Habilitation(fields, item)).OfType<LabHabilitation>()]);
    }

    private static Role? Role(LabFields fields)
    {
        if (fields.TextOrNull("staff", 80) is not { } text)
            return null;
        var roles = SignIn.Role.None;
        foreach (var word in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            roles |= word switch
            {
                "manager" => SignIn.Role.Manager,
                "staff" or "animator" or "frontDesk" => SignIn.Role.FrontDesk,
                "trainer" => SignIn.Role.Trainer,
                "machineLead" => SignIn.Role.MachineLead,
                "mentor" => SignIn.Role.Mentor,
                "partner" => SignIn.Role.Partner,
                "member" => SignIn.Role.Member,
                "observer" => SignIn.Role.Observer,
                _ => (SignIn.Role)int.MinValue,
            };
        }
        if (Rights.Fit(roles))
            return roles;
        fields.Fault(
            fields.Node.Members["staff"],
            "'staff' must be manager, frontDesk, trainer, machineLead, mentor or member, or several of them; or partner or observer alone.");
        return null;
    }

    private LabBadge? Badge(LabFields fields, LocatedJson item, string owner)
    {
        var spelled = item.Text;
        var profile = ReaderProfile.EmHex;
        if (spelled is null && fields.Of(item) is { } parts)
        {
            spelled = parts.Text("number", 64);
            var reader = parts.Text("reader", 32, profile.Code);
            if (ReaderProfile.Find(reader) is { } known)
                profile = known;
            else
                parts.Fault(item, $"There is no reader profile '{reader}'.");
            parts.Finish();
        }
        // The canonical spelling, or as the reader writes it. A fault never repeats the number.
        var number = BadgeNumber.Parse(spelled) ?? profile.Parse(spelled);
        if (number is null)
        {
            fields.Fault(item, $"This is no badge number as '{profile.Code}' writes it.");
            return null;
        }
        if (!_badges.TryAdd(number.Canonical, owner))
        {
            fields.Fault(item, $"This badge is already given to {_badges[number.Canonical]}.");
            return null;
        }
        return new LabBadge(number, profile.Truncates, item.Line, item.Path);
    }

    private LabHabilitation? Habilitation(LabFields fields, LocatedJson item)
    {
        if (fields.Of(item) is not { } parts)
            return null;
        var training = parts.Text("training", 32);
        if (training.Length > 0 && !_trainings.Contains(training))
            parts.Fault(item, $"There is no training '{training}'.");
        var level = parts.Choice("level", HabilitationLevel.Autonomous);
        if (level == HabilitationLevel.None)
            parts.Fault(item, "A habilitation of level none is no habilitation.");
        var from = parts.TextOrNull("from", 40) is { } start ? _dates.Moment(parts, "from", start) : now;
        var until = parts.TextOrNull("until", 40) is { } end ? _dates.Moment(parts, "until", end) : null;
        if (until <= from)
            parts.Fault(item, "'until' is not after 'from'.");
        var suspended = parts.Flag("suspended", false);
        var evidence = parts.Text("evidence", 300, "Reprise du registre");
        parts.Finish();
        return new LabHabilitation(training, level, from ?? now, until, suspended, evidence);
    }

    private static string Code(LabFields fields, HashSet<string> taken, int longest, bool upper = false)
    {
        var code = fields.Text("code", longest);
        code = upper ? code.ToUpperInvariant() : code.ToLower(CultureInfo.InvariantCulture);
        if (code.Length == 0)
            return code;
        if (!code.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '.'))
            fields.Fault(fields.Node.Members["code"], "A code is letters without accents, digits, '-', '_' and '.'.");
        if (!taken.Add(code))
            fields.Fault(fields.Node.Members["code"], $"'{code}' is there twice.");
        return code;
    }
}
