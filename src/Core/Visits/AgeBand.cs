namespace FabLab.Core.Visits;

/// <summary>Age bands in which people who give no name are counted: those of the activity reports of digital mediation in France.</summary>
public enum AgeBand
{
    /// <summary>Younger than 12.</summary>
    Under12 = 1,

    /// <summary>12 to 17.</summary>
    From12To17 = 2,

    /// <summary>18 to 24.</summary>
    From18To24 = 3,

    /// <summary>25 to 39.</summary>
    From25To39 = 4,

    /// <summary>40 to 59.</summary>
    From40To59 = 5,

    /// <summary>60 to 69.</summary>
    From60To69 = 6,

    /// <summary>70 and older.</summary>
    From70 = 7,

    /// <summary>Not said.</summary>
    NotSaid = 8,
}
