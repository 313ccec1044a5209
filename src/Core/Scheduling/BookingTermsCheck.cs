using NodaTime;

namespace FabLab.Core.Scheduling;

/// <summary>Finds settings under which nothing, or nonsense, could be booked.</summary>
public static class BookingTermsCheck
{
    /// <summary>The faults of the terms; none when all is well. Paths are the names of the members in camelCase.</summary>
    /// <param name="terms">The terms.</param>
    public static IReadOnlyList<TimetableFault> Faults(BookingTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        List<TimetableFault> faults = [];
        Words negative = new("Une durée ne peut pas être négative.", "A length cannot be negative.");
        Words positive = new("Il faut une durée plus longue que zéro.", "It must be longer than zero.");
        Check("capacity", terms.Capacity >= 1, new("Il faut au moins une place.", "There must be at least one place."));
        Check("setUp", terms.SetUp >= Duration.Zero && terms.SetUp <= Duration.FromDays(1), new("Entre 0 et 24 heures.", "Between 0 and 24 hours."));
        Check("minLength", terms.MinLength >= Duration.Zero, negative);
        Check("maxLength", terms.MaxLength is not { } longest || longest > Duration.Zero, positive);
        Check("maxLength", terms.MaxLength is not { } most || most <= Duration.Zero || most >= terms.MinLength, new(
            "La durée la plus longue est plus courte que la plus courte.", "The longest booking is shorter than the shortest."));
        Check("step", terms.Step is not { } step || (step >= Duration.FromMinutes(1) && step <= Duration.FromDays(1)), new(
            "Entre 1 minute et 24 heures.", "Between 1 minute and 24 hours."));
        Check("notice", terms.Notice >= Duration.Zero, negative);
        Check("horizon", terms.Horizon is not { } horizon || horizon > Duration.Zero, positive);
        Check("horizon", terms.Horizon is not { } ahead || ahead <= Duration.Zero || ahead >= terms.Notice, new(
            "On ne pourrait jamais réserver : il faut s'y prendre plus tôt que permis.", "Nothing could ever be booked: it must be done earlier than is allowed."));
        Check("startGrace", terms.StartGrace >= Duration.Zero, negative);
        Check("changeBefore", terms.ChangeBefore >= Duration.Zero, negative);
        Check("maxUpcoming", terms.MaxUpcoming is not < 1, new("Il faut au moins une réservation.", "There must be at least one booking."));
        Check("noShow.releaseAfter", terms.NoShow.ReleaseAfter is not { } release || release > Duration.Zero, positive);
        Check("noShow.limit", terms.NoShow.Limit >= 0, new("Un nombre à partir de 0.", "A number from 0 on."));
        Check("noShow.within", terms.NoShow.Within > Duration.Zero, positive);
        Check("noShow.walkUpOnlyFor", terms.NoShow.WalkUpOnlyFor > Duration.Zero, positive);
        return faults;

        void Check(string path, bool holds, Words sentence)
        {
            if (!holds)
            {
                faults.Add(new TimetableFault(path, sentence));
            }
        }
    }
}
