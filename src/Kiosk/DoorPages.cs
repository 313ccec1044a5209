using System.Globalization;
using FabLab.Contracts;
using FabLab.Core;
using FabLab.Core.Visits;
using FabLab.Kiosk.Door;
using FabLab.Kiosk.Link;
using FabLab.Kiosk.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace FabLab.Kiosk;

/// <summary>The screens for everybody: come in with a badge, a code or without a name, leave, ask for help.</summary>
internal static class DoorPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", async (HttpContext http, Moments moments) =>
        {
            moments.End(http.Request.Query["end"]);
            var seen = await http.ReadPlaceAsync();
            return http.Show<HomeScreen>(seen, 200, (nameof(HomeScreen.Seen), seen));
        });
        routes.MapGet("/machines", async (HttpContext http) =>
        {
            var seen = await http.ReadPlaceAsync();
            return http.Show<MachinesScreen>(seen, 200, (nameof(MachinesScreen.Seen), seen));
        });
        routes.MapGet("/now", async (HttpContext http) =>
        {
            var seen = await http.ReadPlaceAsync();
            return http.Part<PlaceStrip>(seen, (nameof(PlaceStrip.Seen), seen));
        });
        routes.MapGet("/how", (HttpContext http) => http.Show<HowScreen>());
        routes.MapGet("/help", (HttpContext http) => http.Show<HelpScreen>());
        routes.MapPost("/help", async (HttpContext http, BookingLink link, TimeProvider time) =>
            http.Show<HelpScreen>((nameof(HelpScreen.Called), await CallAsync(link, time, null, http.RequestAborted))));
        ComeIn(routes);
        WithoutName(routes);
        Hello(routes);
        PhonePages.Map(routes);
        routes.MapGet("/leave", (HttpContext http) => http.Show<LeaveScreen>());
    }

    private static void ComeIn(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/read", async (HttpContext http, DoorDesk desk) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            return await ReadAsync(http, desk, form["text"].ToString(), form["leaving"] == "true", byHand: false);
        });
        routes.MapGet("/code", (HttpContext http) => http.Show<CodeScreen>((nameof(CodeScreen.Leaving), http.Request.Query["leaving"] == "true")));
        routes.MapPost("/code", async (HttpContext http, DoorDesk desk) =>
        {
            var (typed, done) = await KeysAsync(http);
            var leaving = http.Request.Query["leaving"] == "true";
            return done && typed.Length > 0
                ? await ReadAsync(http, desk, typed, leaving, byHand: true)
                : http.Show<CodeScreen>((nameof(CodeScreen.Typed), typed), (nameof(CodeScreen.Leaving), leaving));
        });
    }

    private static void WithoutName(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/visit", (HttpContext http, DoorMemory memory) => http.Show<WhyScreen>(
            (nameof(WhyScreen.Reasons), memory.Reasons), (nameof(WhyScreen.First), http.Request.Query["first"] == "true"),
            (nameof(WhyScreen.Called), http.Request.Query["called"].ToString() switch { "yes" => true, "no" => false, _ => (bool?)null })));
        routes.MapGet("/visit/age", (HttpContext http, TimeProvider time) => http.Show<AgeScreen>(
            (nameof(AgeScreen.Visit), VisitId.New(Instant.FromDateTimeOffset(time.GetUtcNow()))), (nameof(AgeScreen.Reason), http.Request.Query["reason"].ToString()),
            (nameof(AgeScreen.First), http.Request.Query["first"] == "true")));
        routes.MapPost("/visit", async (HttpContext http, DoorDesk desk, DoorMemory memory) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            if (!Ids.TryParse<VisitId>(form["visit"], out var visit) || visit == default)
                return Results.Redirect("/visit");
            var reason = memory.Reasons.FirstOrDefault(one => one.Code == form["reason"])?.Code;
            desk.Count(visit, reason, Enum.TryParse<AgeBand>(form["band"], out var band) && Enum.IsDefined(band) ? band : AgeBand.NotSaid, form["first"] == "true");
            return SeeOther("/thanks");
        });
        routes.MapGet("/thanks", (HttpContext http, DoorMemory memory) => http.Show<ThanksScreen>(
            (nameof(ThanksScreen.Seen), DoorFrame.Seen(http)), (nameof(ThanksScreen.Until), DoorFrame.OpenUntil(http)), (nameof(ThanksScreen.Cut), !memory.Reached)));
        routes.MapGet("/first", (HttpContext http) => http.Show<FirstScreen>());
        routes.MapGet("/first/name", (HttpContext http) => http.Show<NameScreen>());
        routes.MapPost("/first/name", async (HttpContext http, BookingLink link, TimeProvider time) =>
        {
            var (typed, done) = await KeysAsync(http);
            if (!done || typed.Length == 0)
                return http.Show<NameScreen>((nameof(NameScreen.Typed), typed), (nameof(NameScreen.Empty), done));
            var name = CultureInfo.GetCultureInfo("fr-FR").TextInfo.ToTitleCase(typed.ToLowerInvariant());
            var called = await CallAsync(link, time, name, http.RequestAborted);
            return SeeOther($"/visit?first=true&called={(called ? "yes" : "no")}");
        });
    }

    private static void Hello(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hello/{token}", (string token, HttpContext http, Moments moments, DoorMemory memory) => moments.Find(token) is not { } moment
            ? Over(http)
            : http.Show<HelloScreen>(
                (nameof(HelloScreen.Name), NameOf(moment)), (nameof(HelloScreen.Token), token), (nameof(HelloScreen.Already), moment.Already), (nameof(HelloScreen.Sure), moment.Sure), (nameof(HelloScreen.ByBadge), moment.Badge is not null),
                (nameof(HelloScreen.Staff), moment is { Sure: true, Person.Pin: not null }), (nameof(HelloScreen.Cut), !memory.Reached), (nameof(HelloScreen.Reasons), memory.Reasons)));
        routes.MapPost("/hello/{token}/reason", async (string token, HttpContext http, Moments moments, DoorMemory memory, DoorDesk desk) =>
        {
            if (moments.Find(token) is not { } moment)
                return Over(http);
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            if (memory.Reasons.FirstOrDefault(one => one.Code == form["reason"]) is not { } reason)
                return SeeOther($"/hello/{token}");
            desk.Tell(moment, reason.Code);
            return SeeOther($"/hello/{token}/thanks");
        });
        routes.MapGet("/hello/{token}/thanks", (string token, HttpContext http, Moments moments, DoorMemory memory) => moments.Find(token) is not { } moment
            ? Over(http)
            : http.Show<ThanksScreen>(
                (nameof(ThanksScreen.Name), NameOf(moment)), (nameof(ThanksScreen.Token), token), (nameof(ThanksScreen.Sure), moment.Sure), (nameof(ThanksScreen.ByBadge), moment.Badge is not null), (nameof(ThanksScreen.Cut), !memory.Reached),
                (nameof(ThanksScreen.Seen), DoorFrame.Seen(http)), (nameof(ThanksScreen.Until), DoorFrame.OpenUntil(http))));
        routes.MapGet("/hello/{token}/mine", async (string token, HttpContext http, Moments moments, BookingLink link) =>
        {
            if (moments.Find(token) is not { Sure: true } moment)
                return Over(http);
            var (news, _, _) = await link.AskSoonAsync((client, cancel) => client.NewsAsync(moment.Person.Id, cancel), http.RequestAborted);
            return http.Request.Headers.ContainsKey("HX-Request")
                ? http.Part<MineLines>(DoorFrame.Seen(http), (nameof(MineLines.News), news))
                : http.Show<MineScreen>((nameof(MineScreen.Token), token), (nameof(MineScreen.News), news));
        });
        routes.MapPost("/hello/{token}/leave", (string token, HttpContext http, Moments moments, DoorDesk desk) => Act(token, http, moments, desk.Leave, $"/hello/{token}/bye"));
        routes.MapPost("/hello/{token}/stay", (string token, HttpContext http, Moments moments, DoorDesk desk) => Act(token, http, moments, desk.Stay, $"/hello/{token}"));
        routes.MapGet("/hello/{token}/bye", (string token, HttpContext http, Moments moments, DoorMemory memory) => moments.Find(token) is not { } moment
            ? Over(http)
            : http.Show<ByeScreen>((nameof(ByeScreen.Name), NameOf(moment)), (nameof(ByeScreen.Token), token), (nameof(ByeScreen.Cut), !memory.Reached)));
    }

    /// <summary>What the keys of <see cref="KeysForm"/> come to.</summary>
    internal static async Task<(string Typed, bool Done)> KeysAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var typed = string.Concat((form["before"].ToString() + form["typed"].ToString()).Where(sign => !char.IsControl(sign))).Trim();
        typed = form["key"].ToString() switch
        {
            "erase" => typed.Length > 0 ? typed[..^1] : "",
            { Length: 1 } key => typed + key,
            _ => typed,
        };
        return (typed.Length > 40 ? typed[..40] : typed, form["key"] == "done");
    }

    internal static IResult Over(HttpContext http) => http.Show<OverScreen>(StatusCodes.Status410Gone);

    /// <summary>After a form the browser goes to a page: to load it again sends nothing again.</summary>
    internal static IResult SeeOther(string address) => new SeeOtherResult(address);

    private static IResult Act(string token, HttpContext http, Moments moments, Action<Moment> act, string then)
    {
        if (moments.Find(token) is not { } moment)
            return Over(http);
        act(moment);
        return SeeOther(then);
    }

    private static async Task<IResult> ReadAsync(HttpContext http, DoorDesk desk, string typed, bool leaving, bool byHand) =>
        await desk.ReadAsync(typed, leaving, byHand, http.RequestAborted) is not { } moment
            ? http.Show<UnknownScreen>((nameof(UnknownScreen.Leaving), leaving))
            : SeeOther(leaving ? $"/hello/{moment.Token}/bye" : $"/hello/{moment.Token}");

    /// <summary>A short code is known to others: it is no way to learn a name.</summary>
    private static string? NameOf(Moment moment) => moment.Sure ? moment.Person.FirstName : null;

    private static async Task<bool> CallAsync(BookingLink link, TimeProvider time, string? name, CancellationToken cancellationToken) =>
        (await link.AskSoonAsync((client, cancel) => client.CallAsync(new DoorCall(Guid.CreateVersion7(time.GetUtcNow()), name), cancel), cancellationToken)).Answer is not null;

    private sealed class SeeOtherResult(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }
}
