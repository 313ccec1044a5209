using FabLab.Host.Bench;
using FabLab.Host.Cli;
using FabLab.Host.Conformance;
using FabLab.Host.Demo;
using FabLab.Host.Devices;
using FabLab.Host.Doctor;
using FabLab.Host.Hosting;

namespace FabLab.Host;

/// <summary>Everything that <c>fablab</c> can do, in the order of its help.</summary>
internal static class Verbs
{
    private static readonly VerbOption Json = new("--json", null, "for a script: JSON on standard output");

    private static readonly VerbOption Data = new("--data", "DIR", "the folder that holds everything", "FabLab:Data");

    private static readonly VerbOption[] Ports =
    [
        new("--web-port", "N", "port of the pages (8080)", "FabLab:WebPort"),
        new("--kiosk-port", "N", "port of the pages at the door (8081)", "FabLab:KioskPort"),
        new("--mqtt-port", "N", "port of the broker (1883)", "FabLab:MqttPort"),
        Data,
        new("--listen", "WHERE", "local (this computer), any (the network), or an IP address (local)", "FabLab:Listen"),
    ];

    public static IReadOnlyList<Verb> All { get; } =
    [
        new("demo", "", 0, 0, "a whole lab that runs by itself: real broker, real serial lines, virtual machines",
            "It stays until Ctrl-C. Without --data it keeps its ledger in .data/demo. A port that is not given and busy is replaced by a free one.",
            [.. Ports, new("--quiet-day", null, "nobody taps but you")], true, DemoVerb.RunAsync),
        new("tap", "MACHINE CODE", 2, 2, "tap a sample person's badge at a machine of the running demonstration",
            "CODE is a person of samples/lab/README.md (M01 to M60), or ten hexadecimal digits: any tag.\nExit code 0: granted, handed over, or ended by this tap; 3: refused, or a second badge is awaited; 1: no demonstration, no such machine or person, no answer at the reader; 2: a slip in the command line.",
            [Data, Json], false, TapVerb.RunAsync),
        new("up", "", 0, 0, "run a lab: gateway, Booking and the pages at the door in one process", "", Ports, true, ServiceVerbs.UpAsync),
        new("gateway", "", 0, 0, "run a gateway alone: broker, devices, decisions, journal",
            "Booking is found at the setting Gateway:BookingAddress; the gateway's key and the badge key are read from the data folder.",
            [new("--gateway-port", "N", "port of its health and metrics (8082)", "FabLab:GatewayPort"), .. Ports], true, ServiceVerbs.GatewayAsync),
        new("booking", "", 0, 0, "run Booking alone: people, machines, ledger, pages", "", Ports, true, ServiceVerbs.BookingAsync),
        new("kiosk", "", 0, 0, "run the pages at the door alone", "", Ports, true, ServiceVerbs.KioskAsync),
        new("sign-in-link", "[LOGIN]", 0, 1, "print a link that signs somebody in once",
            "Without LOGIN: for the lab's manager. FabLab may be running or not.", [Data], true, BookingVerbs.SignInLinkAsync),
        new("import", "FILE", 1, 1, "bring in a lab's description: machines, people, badges, trainings",
            "All of it or, when anything is wrong, nothing. samples/lab/lab.json is an example. FabLab may be running or not.", [Data, Json], true, BookingVerbs.ImportAsync),
        new("token create", "", 0, 0, "make a key for a program that speaks to the API; it is shown once",
            "Roles: manager, frontDesk, trainer, machineLead, mentor, partner, member, observer; several with commas.\nWithout --scope the token has every right of its roles. FabLab may be running or not.",
            [
                Data, new("--role", "ROLE", "what it may do, as a person of that role may"), new("--name", "TEXT", "what it is for"),
                new("--scope", "RIGHTS", "only these rights of the role, with commas (SeeFigures,CheckIn)"),
                new("--days", "N", "how long it is good, 1 to 366 (90)"), Json,
            ], true, TokenVerbs.CreateAsync),
        new("token list", "", 0, 0, "the tokens there are, without their secrets", "", [Data, Json], true, TokenVerbs.ListAsync),
        new("token revoke", "ID", 1, 1, "end a token; it holds at the next request", "", [Data, Json], true, TokenVerbs.RevokeAsync),
        new("device key", "NAME", 1, 1, "a new key for one of our own devices: a claim for the device, a code for the page of devices",
            "Nothing is enrolled by it: the device takes the claim over its own USB or service line, staff type the code. firmware-protocol.md, section 3.",
            [
                new("--out", "FILE", "where the claim goes; readable by you alone, delete it when the device has it"),
                new("--key-id", "N", "number of the key, one more at each enrolment of the same device (1)"),
                new("--tag-key", null, "with a tag key of its own, so that the conformance suite can try its list"),
                new("--host", "NAME", "the broker, for a device on the network"), new("--port", "N", "the broker's port"),
                new("--ssid", "NAME", "its Wi-Fi"), new("--wifi-password-file", "FILE", "the password of its Wi-Fi"), Json,
            ], false, DeviceKeyVerb.RunAsync),
        new("device reader-key", "ID", 1, 1, "arm the gateway to give an OSDP reader from the factory its own key",
            "The key is made when the device has none, and kept in devices.json of this computer's gateway. Until the time is over the gateway speaks the factory's key\nto that reader, once, and sets the new one. src/Gateway/Drivers/Osdp/README.md.",
            [Data, new("--minutes", "N", "for how long, 1 to 60 (10)"), Json], true, ReaderKeyVerb.RunAsync),
        new("device test", "ID", 1, 1, "try whether a device's relay opens by itself, as a dangerous machine asks",
            "A lease of 5 s, renewed at 3 s: still closed at 6 s; then nobody renews: open by 10 s. THE MACHINE ON IT HAS POWER MEANWHILE.\nThe result is kept with date and firmware. With --cut somebody stands at the device, cuts its network or its power while the relay is closed, and gives it back: it must come back open.\nExit code 0: passed; 1: not passed, or not made; 2: a slip in the command line.",
            [Data, new("--demo", null, "a device of the demonstration"), new("--cut", "WHAT", "by hand: network or power"), Json], true, DeviceTestVerb.RunAsync),
        DeviceSignVerb.Verb,
        new("device update", "ID", 1, 1, "give one of our own devices a new firmware over its link, and wait for what comes of it",
            "The device looks at the author's signature before it takes a byte, pulls the file while its relays are open, restarts into it, and goes back by itself when it does not come up.\nA dangerous machine on it asks for a new test afterwards. The wait may be left: the update goes on. Exit code 0: it runs; 1: it does not; 2: a slip in the command line.",
            [
                Data, new("--demo", null, "a device of the demonstration"), new("--file", "FILE", "the firmware"),
                new("--signature", "FILE", "its signature, from its author (fablab device sign)"), new("--key", "FILE", "or, when you are the author, your key; then with"),
                new("--firmware", "VERSION", "the version it says of itself"), new("--model", "NAME", "the board it is for"), new("--lowest", "VERSION", "lowest version it may replace (any)"), Json,
            ], true, DeviceUpdateVerb.RunAsync),
        ConformanceVerb.Verb,
        new("import-people", "FILE", 1, 1, "bring in people, badges and habilitations from a CSV file",
            "All lines or, when one has a fault, none. docs/operations.md lists the columns.", [Data, new("--dry-run", null, "only say what would become of each line"), Json],
            true, BookingVerbs.ImportPeopleAsync),
        new("audit verify", "", 0, 0, "whether the trace of what was done is whole and unchanged",
            "Exit code 0: it is; 1: something was changed, taken out, put in or moved. Keep the head it prints somewhere else, and give it next time.",
            [Data, new("--head", "HEX", "a head kept elsewhere: it must still be in the chain"), Json], true, BookingVerbs.AuditVerifyAsync),
        new("move-database", "", 0, 0, "move a lab from its SQLite file to an empty PostgreSQL",
            "Counts and sums of every table are compared before anything is kept; the file is only read. FabLab must not run on the folder. docs/operations.md says what to do before and after.",
            [Data, new("--to", "TEXT", "where to, as Host=…;Database=…;Username=…;Password=…"), Json], true, MoveVerb.RunAsync),
        new("badge-key rotate", "", 0, 0, "make a new key for the hashes of badge numbers; badges change over as they are read",
            "Numbers are kept nowhere, so a badge is hashed anew when a reader sees all of its number. Until then its old key is kept for finding it; a key that\nno badge needs any more is forgotten at the next change. docs/adr/0097. FabLab may be running or not.",
            [Data, Json], true, BookingVerbs.RotateBadgeKeyAsync),
        new("badge-key show", "", 0, 0, "which key is in use, and how many badges still wait for it", "It shows no secret.", [Data, Json], true, BookingVerbs.ShowBadgeKeyAsync),
        new("doctor", "", 0, 0, "what is installed, listening, writable and in step, and what to do about it",
            "Exit code 0: no fault; 1: at least one. It changes nothing.",
            [.. Ports, new("--demo", null, "look at the demonstration's data folder"), Json], true, DoctorVerb.RunAsync),
        new("bench tap", "", 0, 0, "from tap to relay command, beside the least that broker and disk allow",
            "Starts a lab of its own on a temporary folder. Taps come on a timetable, whatever the answers do. docs/adr/0062 says how it is measured.\nExit code 1: at least one tap was lost.",
            [
                new("--machines", "N", "machines, each a device with a connection of its own (100)"),
                new("--rate", "N", "taps a second over all machines (50)"),
                new("--seconds", "N", "how long to measure, after 4 s of warming up (20)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, TapBench.RunAsync),
        new("bench decide", "", 0, 0, "how many decisions a second one core takes",
            "From the badge number as a reader spells it to the answer with its facts, in memory, on one thread.",
            [
                new("--makers", "N", "people with a badge (10000)"),
                new("--machines", "N", "machines, each with bookings and opening hours (60)"),
                new("--seconds", "N", "how long to measure (5)"),
                Json,
            ], false, DecideBench.RunAsync),
        new("bench demo", "", 0, 0, "from the start to the first tap served, and resident memory, beside a hello-world on the same runtime",
            "Starts the product as a child on a temporary folder, then the demonstration itself where it is built. bench/README.md says how it is measured.",
            [
                new("--machines", "N", "machines, each a device with a connection of its own (100)"),
                new("--taps", "N", "taps after the first, before memory is read (300)"),
                new("--settle", "N", "seconds of rest before memory is read (10)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, DemoBench.RunAsync),
        new("bench grant", "", 0, 0, "from a habilitation given to the lease at the relay, and from its withdrawal to the open relay, beside a bare row and a message",
            "Starts the product as a child on a temporary folder, with a real broker. bench/README.md says how it is measured.",
            [
                new("--runs", "N", "habilitations given and withdrawn, after warming up (30)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, GrantBench.RunAsync),
        new("bench devices", "", 0, 0, "what devices of every kind on the broker cost the gateway while they speak, in processor and memory, beside a bare subscriber",
            "Starts Booking and the gateway as children on a temporary folder, with a real broker. bench/README.md says how it is measured.\nExit code 1: a device went silent or a relay fell open.",
            [
                new("--devices", "N", "devices, as many of each of nine kinds (200)"),
                new("--seconds", "N", "how long to measure (60)"),
                new("--settle", "N", "seconds before it begins (10)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, DevicesBench.RunAsync),
        new("bench readers", "", 0, 0, "from a card at a reader of each kind to the relay command, beside our own node",
            "Starts Booking, the gateway and the readers of the virtual lab as children on a temporary folder, with a real broker. bench/README.md says how it is measured.\nExit code 1: a tap was lost.",
            [
                new("--runs", "N", "taps at each reader, after warming up (30)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, ReadersBench.RunAsync),
        new("bench floor", "", 0, 0, "the hello-world that bench demo and bench grant compare with: one page, one row",
            "It says its port and stays until Ctrl-C.",
            [new("--data", "DIR", "where its file lies; a folder in it is made and removed (the temporary folder)")], false, FloorProgram.RunAsync),
        new("bench all", "", 0, 0, "every measurement one after the other: JSON files, and a table to paste",
            "Each runs as a process of its own. Exit code 1: at least one could not be made or lost a tap; the others are kept.",
            [
                new("--out", "DIR", "where the JSON files go (bench/results)"),
                new("--seconds", "N", "how long each measures (20)"),
                new("--machines", "LIST", "numbers of machines for bench tap; the second, or the only one, is for bench demo (1,100,1000)"),
                new("--data", "DIR", "the disk to measure on (the temporary folder)"),
            ], false, AllBench.RunAsync),
        new("bench matrix", "", 0, 0, "how long the matrix people × machines takes, beside a plain read of the same rows",
            "On a temporary folder: all cells at once, one page as a browser gets it, and the floor. docs/adr/0084 says how it is measured.",
            [
                new("--people", "N", "people (2000)"),
                new("--machines", "N", "machines (60)"),
                new("--held", "N", "habilitations of each person (6)"),
                new("--runs", "N", "how often each is measured, after warming up (30)"),
                Json,
            ], false, MatrixBench.RunAsync),
        new("bench hours", "", 0, 0, "how long the open periods of a year take for all machines, beside the clock arithmetic alone",
            "In memory, on one thread: weekly hours, holidays, closures and single dates of a place, and machines with hours of their own. docs/adr/0070.",
            [
                new("--machines", "N", "machines (60)"),
                new("--runs", "N", "how often it is measured, after warming up (50)"),
                Json,
            ], false, HoursBench.RunAsync),
        new("bench book", "", 0, 0, "how many bookings a second over HTTP, beside bare rows behind the same guard",
            "On a temporary folder, or in an empty PostgreSQL. Half of all want one machine on one day. Exit code 1: an overlap, or a request that failed. docs/adr/0079 says how it is measured.",
            [
                new("--clients", "N", "how many ask at once (32)"),
                new("--seconds", "N", "how long to measure, after warming up (20)"),
                new("--db", "TEXT", "an empty PostgreSQL to measure on, as Host=…;Database=… (SQLite)"),
                Json,
            ], false, BookBench.RunAsync),
        new("bench journal", "", 0, 0, "what a use costs Booking, from a gateway's journal to the ledger, beside bare records in the same file",
            "On a temporary folder: batches over HTTP as a gateway sends them. Exit code 1: the ledger is not what was sent. bench/README.md says how it is measured.",
            [
                new("--machines", "N", "machines that are used in turn (100)"),
                new("--uses", "N", "uses to hand in, after a fifth more to warm up (1000)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, JournalBench.RunAsync),
        new("bench kiosk", "", 0, 0, "from a badge to the greeting with the network cut, the weight of a screen and the memory of the door alone, beside the least a page of the same server takes",
            "Starts fablab kiosk as a child on a temporary folder, fills its copy from a Booking, and takes that Booking away. bench/README.md says how it is measured.",
            [
                new("--people", "N", "people with a badge (2000)"),
                new("--badges", "N", "badges read, after warming up (500)"),
                new("--settle", "N", "seconds of rest before memory is read (10)"),
                new("--data", "DIR", "the disk to measure on; a folder in it is made and removed (the temporary folder)"),
                Json,
            ], false, KioskBench.RunAsync),
        new("bench planning", "", 0, 0, "how long the week page of the planning takes, beside a plain read of the same rows",
            "On a temporary folder: the page as a browser of staff gets it, and the floor. bench/README.md says how it is measured.",
            [
                new("--machines", "N", "machines (200)"),
                new("--bookings", "N", "bookings of each machine and day (8)"),
                new("--people", "N", "people they are for (500)"),
                new("--runs", "N", "how often each is measured, after warming up (30)"),
                Json,
            ], false, PlanningBench.RunAsync),
        new("bench report", "", 0, 0, "how long the report of a year takes, beside a plain read of the same rows",
            "On a temporary folder: added up alone, as the page a browser gets, of one strand, and the floor. bench/README.md says how it is measured.",
            [
                new("--visits", "N", "visits of the year (50000)"),
                new("--sessions", "N", "sessions of the year, each with eight people (5000)"),
                new("--people", "N", "people they are of (2000)"),
                new("--runs", "N", "how often each is measured, after warming up (30)"),
                Json,
            ], false, ReportBench.RunAsync),
    ];
}
