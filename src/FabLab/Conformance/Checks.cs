namespace FabLab.Host.Conformance;

/// <summary>All checks, in the order they run. A number is never given twice; what is taken out leaves a hole.</summary>
internal static partial class Checks
{
    public static IReadOnlyList<Check> All { get; } =
    [
        new(1, "9", ["link.birth", "birth.boot", "birth.bd", "birth.up"], "After each connect the birth is the first message, with its own boot number and the next connect number.", Needs.Nothing, BirthComesFirstAsync),
        new(2, "9", ["will.bd", "topic.state"], "The broker holds a sealed will of this connect, retained, and publishes it when the connection dies.", Needs.Mqtt, WillIsGivenAsync),
        new(3, "9", ["link.rebirth", "journal.order"], "Rebirth is answered by a birth and then the journal from its oldest record.", Needs.Relay, RebirthSendsAllAsync),
        new(4, "14", ["time.answer", "res.c"], "Time is answered at once with the challenge and an uptime that runs with the clock.", Needs.Nothing, TimeIsAnsweredAsync),
        new(5, "5", ["seal.code", "seal.trailer", "seal.key"], "A message with a wrong code, key number, direction, topic or trailer does nothing.", Needs.Relay, FalseSealsDoNothingAsync),
        new(6, "5", ["seal.counter", "link.counter", "ask.n"], "A message that came before does nothing; a lower count is answered once in 5 s by ask ctr.", Needs.Relay, ReplayDoesNothingAsync),
        new(7, "5", ["seal.boot", "link.other-boot"], "A message for another boot does nothing and is answered by a birth, once in 5 s.", Needs.Relay | Needs.Long, OtherBootDoesNothingAsync),
        new(8, "4", ["topic.retained"], "A retained message on a topic of the device does nothing.", Needs.Mqtt | Needs.Relay, RetainedDoesNothingAsync),
        new(9, "5", ["json.unknown", "json.null", "json.order"], "Unknown fields are passed over, null counts as left out, fields come in any order.", Needs.Relay, LenientWhereItMustAsync),
        new(10, "5", ["json.types", "json.integers", "json.form", "code.bad", "res.n"], "A field that is missing, of the wrong type, twice, or out of its limits refuses the message whole: bad.", Needs.Relay, BadIsRefusedWholeAsync),
        new(11, "16", ["code.unknown", "version.minor"], "A message of a later version is answered unknown.", Needs.Nothing, UnknownIsAnsweredAsync),
        new(12, "2", ["limit.message", "seal.length"], "A message of 811 bytes is read, one of 812 is not.", Needs.Nothing, LengthIsLimitedAsync),
        new(13, "2", ["limit.depth"], "JSON nested deeper than 4 is refused, and nothing else happens.", Needs.Nothing, DepthIsLimitedAsync),

        new(20, "11", ["lease.start", "ev.on.sid", "birth.st.sid", "birth.st.left"], "A start writes on, closes the relay, and the birth names the session.", Needs.Relay, StartClosesAsync),
        new(21, "11", ["lost.open", "lease.deadline", "off.lease", "ev.off.ms"], "When nobody renews, the relay opens by itself at the end of the lease, on the device's clock.", Needs.Relay, LeaseEndsAsync),
        new(22, "11", ["lease.renew"], "A renewal prolongs from its receipt, no more and no less.", Needs.Relay, RenewalProlongsAsync),
        new(23, "11", ["lease.zero", "off.told"], "Length 0 opens at once, whatever session or number it names, and is answered ok when open too.", Needs.Relay, ZeroOpensAsync),
        new(24, "11", ["lease.order", "code.old"], "A lease whose number is not above the last is answered old and prolongs nothing.", Needs.Relay, OldNumbersAsync),
        new(25, "11", ["lease.deadline", "limit.slack"], "A lease that was held up counts from 2 s after it was sent.", Needs.Relay, HeldUpLeaseIsShortAsync),
        new(26, "11", ["lease.late", "limit.fresh"], "A lease whose time is over, or a start sent more than 10 s ago, is answered late and starts nothing.", Needs.Relay, LateLeaseAsync),
        new(27, "11", ["lease.never-starts", "code.open"], "A renewal never closes an open relay.", Needs.Relay, RenewalNeverStartsAsync),
        new(28, "11", ["lease.other", "code.sid"], "A renewal for another session is answered sid and changes nothing.", Needs.Relay, OtherSessionAsync),
        new(29, "11", ["lease.ended", "code.ended"], "A session that was stopped stays stopped.", Needs.Relay, EndedStaysEndedAsync),
        new(30, "11", ["lease.handover", "off.handover"], "A start for another session hands over: off and on at the same uptime, the relay does not move.", Needs.Relay, HandoverAsync),
        new(31, "11", ["lease.channel", "code.ch"], "A channel the device has not is answered ch.", Needs.Nothing, NoSuchChannelAsync),
        new(32, "7.1", ["lease.ttl", "lease.n", "limit.lease"], "Lengths and numbers out of their limits are answered bad.", Needs.Relay, LeaseLimitsAsync),
        new(33, "9", ["link.goes-on"], "A lost connection opens no relay, and prolongs none: the lease ends when it ends.", Needs.Relay, LostLinkKeepsTheLeaseAsync),
        new(34, "7.3", ["config.v", "config.si"], "The configuration is taken whole, answered with its version and said in the birth; a bad one changes nothing.", Needs.Nothing, ConfigurationAsync),
        new(35, "11", ["lost.finish", "lost.cap", "off.cap", "birth.st.by"], "With finish the relay stays closed after the lease, writes keep, and opens at the cap.", Needs.Relay, FinishEndsAtTheCapAsync),
        new(36, "11", ["lost.back"], "A renewal takes a finishing relay over; length 0 opens it.", Needs.Relay, FinishIsTakenOverAsync),
        new(37, "11", ["lost.idle", "off.idle"], "While finishing, an idle machine opens the relay.", Needs.Relay | Needs.Meter, FinishEndsWhenIdleAsync),
        new(38, "12", ["fault.weld", "lease.fault", "birth.ft"], "Power while the relay is open is a weld after 2 s, and a start is refused while it stands.", Needs.Relay | Needs.Meter, WeldAsync),

        new(40, "10", ["journal.number", "ev.seq", "limit.journal"], "Records are numbered without a hole, and there is room for 2000.", Needs.Relay, NumbersAsync),
        new(41, "10", ["journal.ack", "journal.resend"], "A record is kept until it is acknowledged, and forgotten then; a PUBACK proves nothing.", Needs.Relay, KeptUntilAcknowledgedAsync),
        new(42, "10", ["journal.resend", "limit.resend"], "Without acknowledgement a record comes again after 10 s, unchanged.", Needs.Relay | Needs.Long, SentAgainAsync),
        new(43, "10", ["journal.ack-future"], "An acknowledgement above the newest record is ignored.", Needs.Relay, FutureAckAsync),
        new(44, "10", ["journal.order", "limit.window"], "At most 8 records are under way, oldest first.", Needs.Relay, WindowAsync),
        new(45, "10", ["journal.heartbeat", "boot.power", "link.boot", "link.boot-record", "ev.boot.on", "lease.reboot"], "After a power cut: boot number up by one, all relays open, record boot tells what was closed, the journal is whole, and no lease of before is worth anything.", Needs.Relay | Needs.Power, PowerCutAsync),
        new(46, "10", ["journal.full-start", "code.full", "journal.full-other"], "A full journal refuses a start and loses no stop.", Needs.Relay | Needs.Long, FullJournalAsync),
        new(47, "6.4", ["me.mw", "config.me", "topic.me"], "Meter readings come in the period of the configuration, unjournaled.", Needs.Meter, ReadingsAsync),

        new(50, "15", ["list.full", "birth.list"], "A list in full, in parts, is answered part by part and held whole.", Needs.TagKey, FullListAsync),
        new(51, "15", ["list.diff", "list.count"], "A difference adds, replaces and removes; the number of entries must come out.", Needs.TagKey, DifferenceAsync),
        new(52, "15", ["list.base-wrong", "code.base", "res.v"], "A difference to another list is answered base with the version held.", Needs.TagKey, WrongBaseAsync),
        new(53, "15", ["list.parts", "code.chunk"], "A part again is answered ok, any other than the one due is answered chunk and what was gathered is dropped.", Needs.TagKey, PartsInOrderAsync),
        new(54, "15", ["list.count", "code.count"], "A list with another number of entries than said is answered count; the list held stays.", Needs.TagKey, CountMustFitAsync),
        new(55, "15", ["list.key", "code.tagkey"], "A list made with another tag key is answered tagkey.", Needs.TagKey, WrongTagKeyAsync),
        new(56, "14", ["time.vouch"], "Time that names another list makes the device ask for it, once in 5 s; its own list does not.", Needs.TagKey | Needs.Long, VouchAsync),
        new(57, "7.7", ["list.e", "list.i", "entry.rights"], "A part with broken entries is answered bad and changes nothing.", Needs.TagKey, BrokenPartAsync),

        new(60, "6.3", ["ev.badge.tag", "journal.express"], "A badge is recorded and sent at once.", Needs.Tap, BadgeIsSentAsync),
        new(61, "12", ["deny.no-answer"], "A badge nobody answers within 3 s is refused: no-answer.", Needs.Tap | Needs.Relay, NoAnswerAsync),
        new(62, "9", ["link.goodbye", "away.record", "ev.badge.off"], "Gateway state off means away at once: a tap is recorded with off.", Needs.Tap, GoodbyeAsync),
        new(63, "9", ["link.silence", "link.there"], "After si seconds without a sealed message the gateway is away.", Needs.Tap | Needs.Long, SilenceAsync),
        new(64, "15", ["away.deny", "deny.offline"], "With deny, and with omax 0, a tap while away is refused: offline.", Needs.Tap | Needs.Relay, AwayDenyAsync),
        new(65, "15", ["away.list", "ev.grant.sid", "ev.on.list", "away.back"], "With list, a tag on it starts: grant, on, and the gateway takes the session over.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayGrantAsync),
        new(66, "15", ["away.stop", "off.tap"], "The badge of whoever started stops while away.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayStopAsync),
        new(67, "15", ["away.busy", "deny.busy"], "Any other badge while away is refused busy and changes nothing.", Needs.Tap | Needs.Relay, AwayBusyAsync),
        new(68, "15", ["deny.unknown", "entry.rights"], "A tag that is not on the list, or not for this channel, is refused: unknown.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayUnknownAsync),
        new(69, "15", ["deny.expired", "entry.exp"], "A tag whose entry has ended is refused: expired.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayExpiredAsync),
        new(70, "15", ["deny.list-old", "config.ch.age"], "A list older than age decides nothing: list-old.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayOldListAsync),
        new(71, "15", ["away.clock"], "Without a clock set in this boot a list decides nothing: list-old.", Needs.Tap | Needs.Relay | Needs.TagKey | Needs.Power, AwayNoClockAsync),
        new(72, "15", ["away.omax"], "A use granted by the device ends after omax: cap.", Needs.Tap | Needs.Relay | Needs.TagKey, AwayEndsAsync),

        new(80, "9", ["link.epoch"], "A new epoch of the gateway asks for a birth, once in 5 s.", Needs.Long, EpochAsync),
        new(81, "7.2", ["show.rd", "limit.sentence"], "A sentence for a reader the device has not is answered ch; one of 320 bytes is taken, one of 321 is bad.", Needs.Nothing, ShowAsync),
        new(82, "4", ["topic.gw"], "A gateway state that cannot be read changes nothing.", Needs.Relay, BrokenGatewayStateAsync),

        new(90, "13", ["line.hello", "type.hello"], "Asked who is there, the device says hello with its name, and the birth follows.", Needs.Serial, HelloAsync),
        new(91, "13", ["line.ack", "line.twice", "type.ack"], "Every good frame is acknowledged, a repeated one too, and acted on once.", Needs.Serial, FramesAreAcknowledgedAsync),
        new(92, "13", ["frame.crc", "frame.version", "line.resync"], "A frame with a wrong check sum, version or coding is dropped without a word, and the next good one is read.", Needs.Serial, GarbageIsDroppedAsync),
        new(93, "13", ["line.long", "limit.encoded"], "Endless bytes without a zero are dropped up to the next zero.", Needs.Serial, EndlessBytesAsync),
        new(94, "13", ["line.repeat", "line.dead", "limit.tries"], "A frame without acknowledgement is sent five times, 200 ms apart, unchanged; then the line begins again with hello.", Needs.Serial, RepeatedFiveTimesAsync),
        new(95, "3", ["enrol.held", "claimed.code"], "A claim to a device that belongs to somebody is answered held and changes nothing.", Needs.Serial, ClaimIsHeldAsync),
        new(96, "3", ["enrol.bad"], "A claim that is not understood is answered bad.", Needs.Serial, BadClaimAsync),
        new(97, "3", ["enrol.no-mqtt"], "A claim in a frame of commands is no claim.", Needs.Serial, ClaimAsCommandAsync),

        new(100, "19", ["ota.idle", "code.busy"], "An offer of firmware is refused while a relay is closed: busy.", Needs.Relay | Needs.Updates, BusyTakesNoOfferAsync),
        new(101, "19", ["ota.author", "code.sig", "ota.model", "ota.down", "ota.lowest"], "A firmware with a wrong signature, for another board, not above the one that runs, or that asks for a newer one first is refused before a byte is taken.", Needs.Updates | Needs.Firmware, WrongOffersAreRefusedAsync),
        new(102, "19", ["ota.hash", "ota.piece", "code.hash"], "Pieces out of turn are passed over, and a file with one bit turned is dropped: hash.", Needs.Updates | Needs.Firmware, AnotherFileIsDroppedAsync),
        new(103, "19", ["ota.pull", "ota.again", "ota.resume"], "A piece that does not come is asked for again, a lost connection costs nothing, and a power cut leaves the firmware that ran.", Needs.Updates | Needs.Firmware | Needs.Long, DownloadGoesOnAsync),
        new(104, "19", ["ota.pause"], "While a relay is closed nothing is pulled; afterwards it goes on.", Needs.Updates | Needs.Firmware | Needs.Relay | Needs.Long, MakersComeFirstAsync),
        new(105, "19", ["ota.restart", "ota.trial", "ota.back", "birth.tr", "code.trial", "boot.update", "boot.back"], "A new firmware runs on trial, starts nothing, and goes back after 5 minutes when nobody confirms it.", Needs.Updates | Needs.Firmware | Needs.Long, UnconfirmedGoesBackAsync),
        new(106, "19", ["ota.crash"], "A power cut during the trial goes back too.", Needs.Updates | Needs.Firmware | Needs.Power | Needs.Long, CrashOnTrialGoesBackAsync),
        new(107, "19", ["ota.confirm", "code.other", "code.done"], "A firmware that is confirmed stays, over a power cut too. From here on the device runs it.", Needs.Updates | Needs.Firmware | Needs.Long, ConfirmedStaysAsync),

        new(99, "5", ["seal.counter", "seal.code", "json.types", "journal.number", "link.birth", "limit.message", "topic.retained", "ev.boot", "peer.contradiction", "birth.jr.first"], "All the while: every message genuine, counters rising, JSON as the tables say, one content to a record, the birth first.", Needs.Nothing, AllTheWhileAsync),
    ];

    private static Task AllTheWhileAsync(Talk talk) =>
        talk.Complaints.Count == 0
            ? Task.CompletedTask
            : throw new CheckFailedException(string.Join(" ", talk.Complaints.Select(complaint => $"[{complaint.Key}] {complaint.Value}")));
}
