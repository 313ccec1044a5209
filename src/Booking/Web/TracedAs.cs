namespace FabLab.Booking.Web;

/// <summary>
/// Of an endpoint that changes something of the whole place: how the acts begin that the audit has of it. What is changed of one
/// person, machine or booking is found by its id and needs no such word.
/// </summary>
/// <param name="Act">The first letters of the codes, such as "hours.".</param>
internal sealed record TracedAs(string Act);
