using FabLab.Core.Policy;
using FabLab.Ui.Parts;
using FabLab.Ui.Text;
using NodaTime;

namespace FabLab.Booking.Features.People.Pages;

/// <summary>Small sentences about a person.</summary>
public static class PersonWords
{
    public static string Membership(PageText text, PersonLine person)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(person);
        if (person.MemberThrough is not { } through)
            return text[PeopleText.NotMember];
        LocalDate today = text.Now.InZone(text.Zone).Date;
        return text[through < today ? PeopleText.MemberEnded : PeopleText.MemberThrough, text.Date(through)];
    }

    public static Phrase Level(HabilitationLevel level) => level switch
    {
        HabilitationLevel.Accompanied => PeopleText.LevelAccompanied,
        HabilitationLevel.Autonomous => PeopleText.LevelAutonomous,
        HabilitationLevel.Trainer => PeopleText.LevelTrainer,
        _ => PeopleText.LevelNone,
    };

    public static string Validity(PageText text, HabilitationLine line)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(line);
        if (line.Standing.ValidFrom > text.Now)
            return text[PeopleText.StartsOn, text.Date(line.Standing.ValidFrom)];
        return line.Standing.ValidUntil is not { } until
            ? text[PeopleText.NoEnd]
            : text[until <= text.Now ? PeopleText.Expired : PeopleText.ValidUntil, text.Date(until)];
    }

    public static (Phrase Word, Tone Tone, string Icon) Right(RightKind kind) => kind switch
    {
        RightKind.Yes => (PeopleText.May, Tone.Free, Icons.Done),
        RightKind.WithSomebody => (PeopleText.MayWithSomebody, Tone.Waiting, Icons.People),
        _ => (PeopleText.MayNot, Tone.Offline, Icons.Missing),
    };
}
