using FabLab.Booking.Data;
using FabLab.Booking.Features;
using FabLab.Booking.Features.Alarms.Pages;
using FabLab.Booking.Features.SignIn;
using FabLab.Ui.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NodaTime;

namespace FabLab.Booking.Web;

/// <summary>What every page of a request needs besides its own data: who looks, the name of the place, its zone, what was just done.</summary>
public sealed class PageFrame
{
    public Viewer Viewer { get; private set; } = Viewer.Nobody;

    public string PlaceName { get; private set; } = "FabLab";

    /// <summary>Path and query of the request.</summary>
    public string Path { get; private set; } = "/";

    public bool Demo { get; private set; }

    public DoneNote? Done { get; private set; }

    /// <summary>Alarms nobody has looked at, of those the viewer may see.</summary>
    public int OpenAlarms { get; private set; }

    /// <summary>Messages to the viewer that wait to be read.</summary>
    public int UnreadMessages { get; private set; }

    /// <summary>Runs before the endpoints of the pages.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        HttpContext http = call.HttpContext;
        await http.RequestServices.GetRequiredService<PageFrame>().LoadAsync(http);
        // Pages say what is true now and differ by who looks: no cache keeps them.
        http.Response.Headers.CacheControl = "no-store";
        return await next(call);
    }

    public async Task LoadAsync(HttpContext http)
    {
        UseRequest(http);
        var db = http.RequestServices.GetRequiredService<BookingDbContext>();
        if (await db.Sites.SingleOrDefaultAsync(http.RequestAborted) is { } site)
        {
            if (site.Rule.Name.Length > 0)
                PlaceName = site.Rule.Name;
            if (DateTimeZoneProviders.Tzdb.GetZoneOrNull(site.Rule.Zone) is { } zone)
                http.RequestServices.GetRequiredService<PageText>().Use(zone);
        }

        if (Viewer.Actor is { } actor)
        {
            Viewer = Viewer with { Charge = await db.ChargeOfAsync(actor, http.RequestAborted) };
            UnreadMessages = await db.Messages.CountAsync(message => message.PersonId == actor.Id && message.ReadAt == null && message.OnSite, http.RequestAborted);
        }
        if (Viewer.Has(Right.SeeAlarms))
            OpenAlarms = await AlarmQueries.Of(db, Viewer).CountAsync(alarm => alarm.SeenAt == null, http.RequestAborted);
        if (HttpMethods.IsGet(http.Request.Method) && !IsFragment(http))
            Done = http.RequestServices.GetRequiredService<DoneNotes>().Take(http);
    }

    /// <summary>What is known without asking the database: enough for a page that says the database failed.</summary>
    public void UseRequest(HttpContext http)
    {
        Viewer = StaffActor.From(http.User) is { } actor ? new Viewer(actor, http.User.Identity?.Name) : Viewer.Nobody;
        Path = http.Request.Path + http.Request.QueryString;
        Demo = http.RequestServices.GetRequiredService<IOptions<BookingOptions>>().Value.Demo;
    }

    /// <summary>Asked for by htmx, to put into a page that is already there.</summary>
    public static bool IsFragment(HttpContext http) => http.Request.Headers.ContainsKey("HX-Request");
}
