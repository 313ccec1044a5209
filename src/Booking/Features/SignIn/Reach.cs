namespace FabLab.Booking.Features.SignIn;

/// <summary>How far a right goes.</summary>
public enum Reach
{
    None = 0,

    /// <summary>Only what is one's own: the machines in one's charge, the people of one's groups, oneself. See <see cref="Charge"/>.</summary>
    Own = 1,

    All = 2,
}
