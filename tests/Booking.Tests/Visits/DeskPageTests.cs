using FabLab.Booking.Features.Visits;
using FabLab.Booking.Tests.Pages;
using FabLab.Core.Visits;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Visits;

/// <summary>The front desk, as a browser without script sees it.</summary>
public sealed class DeskPageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Somebody with a name and somebody without are in, somebody has left, and two call.</summary>
    /// <returns>The visit with a name.</returns>
    internal static async Task<Guid> SeedAsync(PagesHost host, SampleLab lab, CancellationToken cancellationToken)
    {
        var book = host.Services.GetRequiredService<VisitBook>();
        return await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var (named, _) = await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Badge) { Person = lab.Ines, Reason = "machine", Kiosk = "door" }, closing: null, cancel);
                await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.NoName) { Band = AgeBand.From70, Reason = "discover", First = true }, closing: null, cancel);
                var (gone, _) = await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.NoName) { Band = AgeBand.Under12 }, closing: null, cancel);
                await book.EndAsync(write, gone, write.Now, LeftHow.Closing, cancel);
                write.Db.DoorRequests.Add(new DoorRequest { Id = Guid.NewGuid(), Kiosk = "door", At = write.Now, FirstName = "Zoé" });
                write.Db.DoorRequests.Add(new DoorRequest { Id = Guid.NewGuid(), Kiosk = "door", At = write.Now });
                return named.Id.Value;
            },
            cancellationToken);
    }

    [Fact]
    public async Task The_desk_sees_who_is_in_counts_somebody_and_puts_visits_right_and_each_act_can_be_undone()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        SampleLab lab = await SampleLab.SeedAsync(host, Cancel);
        await host.Writer.WriteAsync(
            async (write, cancel) =>
            {
                var book = host.Services.GetRequiredService<VisitBook>();
                await book.ArriveAsync(write, new Arrival(VisitId.New(write.Now), write.Now, VisitWay.Badge) { Person = lab.Ines, Reason = "machine" }, closing: null, cancel);
                write.Db.DoorRequests.Add(new DoorRequest { Id = Guid.NewGuid(), Kiosk = "door", At = write.Now, FirstName = "Zoé" });
            },
            Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);

        PageAnswer desk = await staff.GetAsync("/front-desk", Cancel);
        Assert.Contains("Inès Aubry", desk.TextOf("[aria-labelledby=here]"), StringComparison.Ordinal);
        Assert.Contains("Zoé vient pour la première fois", desk.TextOf("[aria-labelledby=calls]"), StringComparison.Ordinal);
        Assert.Contains("Utiliser une machine", desk.TextOf("[aria-labelledby=today]"), StringComparison.Ordinal);

        desk = await GoAsync(await staff.SubmitAsync(desk, "form[action='/front-desk/calls']", null, Cancel));
        Assert.Contains("Personne n’appelle", desk.Text, StringComparison.Ordinal);
        desk = await GoAsync(await staff.SubmitAsync(desk, ".notice form", null, Cancel));
        Assert.Contains("Zoé", desk.Text, StringComparison.Ordinal);
        // Who went, and that they did not after all, is kept.
        var call = await host.ReadAsync(db => db.DoorRequests.SingleAsync(Cancel));
        var own = await host.ReadAsync(db => db.StaffAccounts.OrderBy(account => account.CreatedAt).Select(account => account.Id).FirstAsync(Cancel));
        var kept = await host.ReadAsync(db => (
            from entry in db.Audit
            join value in db.AuditValues on entry.Seq equals value.Seq
            where value.Subject == call.Id
            orderby entry.Seq
            select new { entry.Action, value.By }).ToListAsync(Cancel));
        Assert.Equal(["door_call.answered", "door_call.reopened"], kept.Select(act => act.Action));
        Assert.All(kept, act => Assert.Equal(own, act.By));

        desk = await GoAsync(await staff.SubmitAsync(desk, "form[action='/front-desk/count']", new Dictionary<string, string> { ["reason"] = "workshop", ["band"] = nameof(AgeBand.Under12) }, Cancel));
        Assert.Contains("Moins de 12 ans", desk.TextOf("[aria-labelledby=today]"), StringComparison.Ordinal);
        Assert.Contains("2 personnes là maintenant", desk.Text, StringComparison.Ordinal);
        desk = await GoAsync(await staff.SubmitAsync(desk, ".notice form", null, Cancel));
        Assert.Contains("1 personne là maintenant", desk.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Moins de 12 ans", desk.TextOf("[aria-labelledby=today]"), StringComparison.Ordinal);

        desk = await GoAsync(await staff.SubmitAsync(desk, "[aria-labelledby=here] form", new Dictionary<string, string> { ["left"] = "1" }, Cancel));
        Assert.Contains("Noté : Inès Aubry est parti·e.", desk.Text, StringComparison.Ordinal);
        Assert.Equal(0, await host.ReadAsync(db => db.Presence.CountAsync(p => p.PersonId == lab.Ines, Cancel)));
        desk = await GoAsync(await staff.SubmitAsync(desk, ".notice form", null, Cancel));
        Assert.Contains("1 personne là maintenant", desk.Text, StringComparison.Ordinal);

        PageAnswer form = await staff.GetAsync(desk.Document.QuerySelector("[aria-labelledby=here] a[href^='/front-desk/visits/']")!.GetAttribute("href")!, Cancel);
        desk = await GoAsync(await staff.SubmitAsync(form, "form[action^='/front-desk/visits/']", new Dictionary<string, string> { ["reason"] = "volunteer" }, Cancel));
        Assert.Contains("Bénévolat", desk.TextOf("[aria-labelledby=today]"), StringComparison.Ordinal);
        desk = await GoAsync(await staff.SubmitAsync(desk, ".notice form", null, Cancel));
        Assert.Contains("Utiliser une machine", desk.TextOf("[aria-labelledby=today]"), StringComparison.Ordinal);
        // The form of before is no longer true.
        PageAnswer stale = await staff.SubmitAsync(form, "form[action^='/front-desk/visits/']", new Dictionary<string, string> { ["reason"] = "other" }, Cancel);
        Assert.Contains("La visite a changé entre-temps", stale.TextOf(".notice"), StringComparison.Ordinal);

        PageAnswer list = await staff.GetAsync("/front-desk/evacuation", Cancel);
        Assert.Contains("Inès Aubry", list.Text, StringComparison.Ordinal);

        async Task<PageAnswer> GoAsync(PageAnswer answer) => await staff.FollowAsync(answer, Cancel);
    }

    [Fact]
    public async Task Reasons_are_changed_and_the_visits_of_the_past_keep_theirs()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/front-desk/reasons", Cancel);

        PageAnswer bad = await staff.SubmitAsync(page, "form[action='/front-desk/reasons']", new Dictionary<string, string> { ["fr0"] = "" }, Cancel);
        PageAnswer good = await staff.SubmitAsync(
            page, "form[action='/front-desk/reasons']",
            new Dictionary<string, string> { ["fr0"] = "Fabriquer", ["fr8"] = "Repair café", ["en8"] = "Repair café", ["icon8"] = "spark", ["place8"] = "0", ["on8"] = "on" }, Cancel);

        Assert.Contains("deux noms", bad.TextOf(".notice"), StringComparison.Ordinal);
        Assert.Contains("Les raisons sont enregistrées", (await staff.FollowAsync(good, Cancel)).Text, StringComparison.Ordinal);
        var names = await host.ReadAsync(db => db.VisitReasons.OrderBy(reason => reason.Position).Select(reason => reason.NameFr).ToListAsync(Cancel));
        Assert.Equal(["Repair café", "Fabriquer", "Atelier"], names.Take(3));
        Assert.Equal(9, names.Count);
    }

    [Fact]
    public async Task A_pin_has_six_digits_and_is_kept_as_a_hash_and_the_code_for_the_door_is_ones_own()
    {
        await using PagesHost host = await PagesHost.StartAsync(demo: false, Cancel);
        using PageClient staff = await host.NewStaffAsync(Cancel);
        PageAnswer page = await staff.GetAsync("/front-desk/pin", Cancel);

        PageAnswer bad = await staff.SubmitAsync(page, "form[action='/front-desk/pin']", new Dictionary<string, string> { ["pin"] = "111111" }, Cancel);
        PageAnswer good = await staff.FollowAsync(await staff.SubmitAsync(page, "form[action='/front-desk/pin']", new Dictionary<string, string> { ["pin"] = "470815" }, Cancel), Cancel);
        PageAnswer code = await staff.GetAsync("/account/door-code", Cancel);

        Assert.Contains("trois différents", bad.TextOf(".wrong"), StringComparison.Ordinal);
        Assert.Contains("Vous avez un code", good.Text, StringComparison.Ordinal);
        var row = await host.ReadAsync(db => db.DoorPins.SingleAsync(Cancel));
        Assert.Equal((32, 16), (row.Hash.Length, row.Salt.Length));
        Assert.NotNull(code.Document.QuerySelector("svg.qr"));
        await staff.FollowAsync(await staff.SubmitAsync(good, "form[action='/front-desk/pin']:has(button[name=remove])", new Dictionary<string, string> { ["remove"] = "1" }, Cancel), Cancel);
        Assert.Equal(0, await host.ReadAsync(db => db.DoorPins.CountAsync(Cancel)));
    }
}
