using FabLab.Core.Access;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Core.Scheduling;
using NodaTime;
using System.Text.Json;
using static FabLab.Core.Tests.Scheduling.Local;

namespace FabLab.Core.Tests.Scheduling;

/// <summary>One question for every reason, and what must hold of every refusal.</summary>
public sealed class BookingReasonTests
{
    private static readonly BookingQuota FourHoursAWeek = new() { Period = QuotaPeriod.Week, Time = Duration.FromHours(4) };

    private static readonly Dictionary<BookingReason, BookingFacts> Table = new()
    {
        [BookingReason.NoDuration] = Ask.For("2026-11-24 15:00", "2026-11-24 14:00"),
        [BookingReason.InThePast] = Ask.For("2026-11-22 10:00", "2026-11-22 11:00"),
        [BookingReason.BeyondLimit] = Ask.For("2029-11-24 14:00", "2029-11-24 15:00"),
        [BookingReason.MachineUnknown] = Ask.For() with { Machine = null },
        [BookingReason.NotYours] = Ask.For().Instead("2026-11-24 16:00", "2026-11-24 17:00", yours: false),
        [BookingReason.BookingOver] = Ask.For().Instead("2026-11-24 16:00", "2026-11-24 17:00", over: true),
        [BookingReason.AlreadyBegun] = Ask.For().Instead("2026-11-22 11:00", "2026-11-22 13:00"),
        [BookingReason.NotBookable] = Ask.For().On(t => t with { Bookable = false }),
        [BookingReason.NotAllowed] = Ask.For() with { Access = Denied(AccessReason.TrainingMissing) },
        [BookingReason.WalkUpOnly] = Ask.For() with { Person = new(Ask.Somebody, null, At("2026-12-01 10:00")) },
        [BookingReason.NoticeTooShort] = Ask.For().On(t => t with { Notice = Duration.FromDays(3) }),
        [BookingReason.TooFarAhead] = Ask.For().On(t => t with { Horizon = Duration.FromDays(1) }),
        [BookingReason.TooLateToChange] = Ask.For().Instead("2026-11-23 16:00", "2026-11-23 17:00").On(t => t with { ChangeBefore = Duration.FromDays(2) }),
        [BookingReason.TooShort] = Ask.For().On(t => t with { MinLength = Duration.FromMinutes(90) }),
        [BookingReason.TooLong] = Ask.For().On(t => t with { MaxLength = Duration.FromMinutes(30) }),
        [BookingReason.OffStep] = Ask.For("2026-11-24 14:10", "2026-11-24 15:10").On(t => t with { Step = Duration.FromMinutes(30) }),
        [BookingReason.TooManyPlaces] = Ask.For().Wishing(w => w with { Places = 2 }),
        [BookingReason.OutsideHours] = Ask.For("2026-11-24 20:00", "2026-11-24 22:00").On(t => t with { BookableInOpenLab = true }),
        [BookingReason.StaffTime] = Ask.For("2026-11-24 08:00", "2026-11-24 09:00"),
        [BookingReason.GroupTime] = Ask.For("2026-11-24 10:00", "2026-11-24 11:00"),
        [BookingReason.OpenLabTime] = Ask.For("2026-11-24 17:30", "2026-11-24 18:30"),
        [BookingReason.Blocked] = Ask.For().Taken("2026-11-24 14:30", "2026-11-24 16:00", BusyKind.Room),
        [BookingReason.BookingOverlap] = Ask.For().Taken("2026-11-24 14:30", "2026-11-24 16:00"),
        [BookingReason.SetUpTime] = Ask.For().Taken("2026-11-24 15:10", "2026-11-24 16:00").On(t => t with { SetUp = Duration.FromMinutes(15) }),
        [BookingReason.OwnOverlap] = Ask.For().Having("2026-11-24 14:30", "2026-11-24 16:00"),
        [BookingReason.TooManyUpcoming] = Ask.For().Having("2026-11-25 14:30", "2026-11-25 16:00").On(t => t with { MaxUpcoming = 1 }),
        [BookingReason.QuotaUsed] = Ask.For().Having("2026-11-23 14:00", "2026-11-23 17:30") with { Quotas = [FourHoursAWeek] },
    };

    public static TheoryData<BookingReason> InTable => [.. Table.Keys];

    [Fact]
    public void Every_reason_has_a_question_but_the_one_of_pools() =>
        Assert.Equal(BookingReasons.All.Except([BookingReason.PoolFull]), Table.Keys.Order());

    [Theory]
    [MemberData(nameof(InTable))]
    public void Each_question_is_refused_for_its_reason_alone(BookingReason reason)
    {
        BookingDecision.Refused refused = Table[reason].Refused();

        Assert.Equal(reason, refused.Reason);
        Assert.Equal([reason], BookingRules.Refusals(Table[reason]));
        Assert.Equal(reason == BookingReason.NotAllowed ? "training_missing" : reason.Code(), refused.Code);
    }

    [Theory]
    [MemberData(nameof(InTable))]
    public void Each_refusal_says_why_and_what_to_do_in_both_languages(BookingReason reason)
    {
        BookingDecision.Refused refused = Table[reason].Refused();
        if (reason == BookingReason.NotAllowed)
        {
            // Its words are those of the access decision, which has its own tests.
            return;
        }

        string[] texts = [refused.Sentence.Fr, refused.Sentence.En, refused.NextStep.Fr, refused.NextStep.En];
        Assert.All(texts, text =>
        {
            Assert.EndsWith(".", text, StringComparison.Ordinal);
            Assert.DoesNotContain("  ", text, StringComparison.Ordinal);
            Assert.DoesNotContain("{", text, StringComparison.Ordinal);
        });
        Assert.NotEqual(refused.Sentence.Fr, refused.Sentence.En);
    }

    [Theory]
    [MemberData(nameof(InTable))]
    public void Staff_can_waive_what_is_only_a_rule_and_the_answer_says_so(BookingReason reason)
    {
        // Staff book for others and in staff time anyway.
        if (reason is BookingReason.NotYours or BookingReason.StaffTime)
        {
            Table[reason].AsStaff().Accepted();
            return;
        }

        BookingDecision decision = BookingRules.Decide(Table[reason].AsStaff(reason));
        BookingDecision alone = BookingRules.Decide(Table[reason].Wishing(w => w with { Waive = [reason] }));

        Assert.IsType<BookingDecision.Refused>(alone);
        if (reason.CanBeWaived())
        {
            Assert.Equal([reason], Assert.IsType<BookingDecision.Accepted>(decision).Waived);
        }
        else
        {
            Assert.IsType<BookingDecision.Refused>(decision);
        }
    }

    [Fact]
    public void Codes_are_stable_unique_and_found_again()
    {
        Assert.Equal("booking_overlap", BookingReason.BookingOverlap.Code());
        Assert.Equal("quota_used", BookingReason.QuotaUsed.Code());
        Assert.Equal("walk_up_only", BookingReason.WalkUpOnly.Code());
        Assert.All(BookingReasons.All, r => Assert.Equal(r, BookingReasons.FromCode(r.Code())));
        Assert.Null(BookingReasons.FromCode("because"));
        Assert.Null(BookingReasons.FromCode(null));
    }

    [Theory]
    [MemberData(nameof(InTable))]
    public void A_stored_decision_is_derived_again_from_its_facts(BookingReason reason)
    {
        BookingDecision decision = BookingRules.Decide(Table[reason]);

        string json = JsonSerializer.Serialize(decision, CoreJson.Options);
        BookingDecision read = JsonSerializer.Deserialize<BookingDecision>(json, CoreJson.Options)!;

        Assert.Equal(decision, read);
        Assert.Equal(decision, BookingRules.Decide(read.Facts));
    }

    [Fact]
    public void An_acceptance_is_derived_again_too()
    {
        BookingDecision decision = BookingRules.Decide(Ask.For());

        string json = JsonSerializer.Serialize(decision, CoreJson.Options);

        Assert.Equal(decision, BookingRules.Decide(JsonSerializer.Deserialize<BookingDecision>(json, CoreJson.Options)!.Facts));
    }

    [Fact]
    public void A_timetable_is_written_and_read_as_it_is()
    {
        SiteTimetable site = Site(Weekly(WeekDays.WorkingDays, "18:00", "02:00", OpeningKind.Booked, DayCondition.SchoolTime)) with
        {
            SchoolZone = SchoolZone.C,
            Closures = [Closure.Days(Date("2026-08-03"), Date("2026-08-17"), "Été")],
            Exceptions = [Local.On("2026-08-08", Window("14:00", "16:00"))],
        };

        string json = JsonSerializer.Serialize(site, CoreJson.Options);

        Assert.Equal(site, JsonSerializer.Deserialize<SiteTimetable>(json, CoreJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SiteTimetable>(json.Replace("18:00:00", "25:00", StringComparison.Ordinal), CoreJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Interval>("[2,1]", CoreJson.Options));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<LocalDateTime>("\"hier\"", CoreJson.Options));
    }

    internal static AccessDecision Denied(AccessReason reason) => new AccessDecision.Denied(reason, Facts);

    private static AccessFacts Facts => AccessRules.Gather(LabPolicy.Empty, new AccessRequest { Now = Ask.Now, Machine = Ask.Laser, Purpose = AccessPurpose.Preview });
}
