using System.Collections.Frozen;

namespace FabLab.Booking.Features.SignIn;

/// <summary>
/// Who may do what: the one table. Pages, menu, endpoints and handlers all ask it; a token asks it too, for the roles it was given.
/// A right that is not listed for a role is not had.
/// </summary>
public static class Rights
{
    private static readonly FrozenDictionary<Role, FrozenDictionary<Right, Reach>> Table = new Dictionary<Role, FrozenDictionary<Right, Reach>>
    {
        [Role.Manager] = Enum.GetValues<Right>().ToFrozenDictionary(right => right, _ => Reach.All),
        [Role.FrontDesk] = Of(
            (Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.All), (Right.KeepVolunteering, Reach.All), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.All), (Right.FindPeople, Reach.All), (Right.SeeUsers, Reach.All),
            (Right.KeepPeople, Reach.All), (Right.KeepBadges, Reach.All), (Right.CheckIn, Reach.All), (Right.KeepDoor, Reach.All), (Right.Book, Reach.All), (Right.BookOwn, Reach.All), (Right.CloseDay, Reach.All),
            (Right.LockOut, Reach.All), (Right.SeeFigures, Reach.All), (Right.CorrectLedger, Reach.All), (Right.SeeAlarms, Reach.All),
            (Right.Enrol, Reach.All), (Right.SeeMinors, Reach.All), (Right.KeepMinors, Reach.All), (Right.KeepGroups, Reach.All), (Right.GiveSignIn, Reach.Own),
            (Right.KeepProgrammes, Reach.All), (Right.PrepareSessions, Reach.All), (Right.LeadSessions, Reach.All), (Right.ClaimJobs, Reach.All)),
        [Role.Trainer] = Of(
            (Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.KeepVolunteering, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.All), (Right.FindPeople, Reach.All), (Right.SeeUsers, Reach.Own),
            (Right.Grant, Reach.Own), (Right.Teach, Reach.Own), (Right.Enrol, Reach.Own), (Right.BookOwn, Reach.Own), (Right.LockOut, Reach.Own), (Right.SeeFigures, Reach.All),
            (Right.PrepareSessions, Reach.Own), (Right.LeadSessions, Reach.Own), (Right.ClaimJobs, Reach.Own)),
        [Role.MachineLead] = Of(
            (Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.KeepVolunteering, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.Own), (Right.SeeUsers, Reach.Own), (Right.LockOut, Reach.Own),
            (Right.Maintain, Reach.Own), (Right.KeepMachines, Reach.Own), (Right.Enrol, Reach.Own), (Right.BookOwn, Reach.Own), (Right.SeeFigures, Reach.All), (Right.SeeAlarms, Reach.Own), (Right.ClaimJobs, Reach.Own)),
        [Role.Mentor] = Of(
            (Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.KeepVolunteering, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.Own), (Right.FindPeople, Reach.Own), (Right.CheckIn, Reach.Own),
            (Right.Enrol, Reach.Own), (Right.BookOwn, Reach.Own), (Right.SeeMinors, Reach.Own), (Right.PrepareSessions, Reach.Own), (Right.LeadSessions, Reach.Own), (Right.ClaimJobs, Reach.Own)),
        [Role.Partner] = Of(
            (Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.Own), (Right.FindPeople, Reach.Own),
            (Right.PrepareSessions, Reach.Own)),
        [Role.Member] = Of((Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.KeepVolunteering, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeePeople, Reach.Own), (Right.Enrol, Reach.Own), (Right.BookOwn, Reach.Own), (Right.ClaimJobs, Reach.Own)),
        [Role.Observer] = Of((Right.OwnAccount, Reach.All), (Right.ExportPeople, Reach.Own), (Right.KeepDetails, Reach.Own), (Right.SeeTrainings, Reach.All), (Right.SeeFigures, Reach.All)),
    }.ToFrozenDictionary();

    /// <summary>Every role there is, one by one.</summary>
    public static IReadOnlyList<Role> Roles { get; } = [.. Enum.GetValues<Role>().Where(role => role != Role.None)];

    /// <summary>How far a right goes for somebody with these roles: the farthest of them.</summary>
    public static Reach Of(Role roles, Right right)
    {
        var farthest = Reach.None;
        foreach (var (role, rights) in Table)
        {
            if (roles.HasFlag(role) && rights.TryGetValue(right, out var reach) && reach > farthest)
                farthest = reach;
        }
        return farthest;
    }

    /// <summary>
    /// Whether one account may be all of this. Who must never see a name, or only those of one organisation, is nothing else beside.
    /// </summary>
    public static bool Fit(Role roles) =>
        roles != Role.None && (roles & ~Everything) == 0
        && !(roles.HasFlag(Role.Observer) && roles != Role.Observer) && !(roles.HasFlag(Role.Partner) && roles != Role.Partner);

    /// <summary>Whether it is an account of the team: it can change something that is not its own.</summary>
    public static bool IsTeam(Role roles) => (roles & (Role.Manager | Role.FrontDesk | Role.Trainer | Role.MachineLead)) != 0;

    private static readonly Role Everything = Roles.Aggregate(Role.None, (all, role) => all | role);

    private static FrozenDictionary<Right, Reach> Of(params (Right Right, Reach Reach)[] lines) =>
        lines.ToFrozenDictionary(line => line.Right, line => line.Reach);
}
