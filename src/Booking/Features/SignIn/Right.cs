namespace FabLab.Booking.Features.SignIn;

/// <summary>What somebody may do. A closed set: every endpoint and page that is not for everybody names one of them.</summary>
public enum Right
{
    /// <summary>One's own account: password, passkeys, sign-out.</summary>
    OwnAccount = 1,

    /// <summary>The page of a person, with the name. Own: oneself and the people of one's groups.</summary>
    SeePeople,

    /// <summary>The list of people. Own: those of one's groups.</summary>
    FindPeople,

    /// <summary>Who uses and used a machine. Own: the machines in one's charge.</summary>
    SeeUsers,

    /// <summary>Add people and change what is noted of them.</summary>
    KeepPeople,

    /// <summary>What activity reports count of somebody: gender, status, priority neighbourhood. Own: oneself, and nobody of one's groups.</summary>
    KeepDetails,

    /// <summary>Enrol badges, switch them off.</summary>
    KeepBadges,

    /// <summary>Say that somebody is here or has left. Own: the people of one's groups.</summary>
    CheckIn,

    /// <summary>The front desk: who is in, the visits of the day and what is wrong in them, calls from the door.</summary>
    KeepDoor,

    /// <summary>Grant, renew, suspend, withdraw habilitations. Own: the trainings of the machines one trains on.</summary>
    Grant,

    /// <summary>The catalogue of trainings and when they are given.</summary>
    SeeTrainings,

    /// <summary>Take a place in a session of a training, or leave it. Own: for oneself and the people of one's groups.</summary>
    Enrol,

    /// <summary>Lead sessions of trainings: who is enrolled, who was there. Own: the trainings of the machines one trains on, and the sessions one leads.</summary>
    Teach,

    /// <summary>The catalogue of trainings.</summary>
    KeepTrainings,

    /// <summary>Keep a machine for anybody, for a group, or free of bookings; set a rule of booking aside; see whose bookings they are.</summary>
    Book,

    /// <summary>Book machines, move and cancel bookings, wait for one. Own: for oneself and the people of one's groups.</summary>
    BookOwn,

    /// <summary>Close the place for a day, open it on another: closures and single dates.</summary>
    CloseDay,

    /// <summary>When the place is open, how machines are booked, limits on bookings, rooms, desks, kits and pools.</summary>
    KeepHours,

    /// <summary>Lock a machine out and release it. Own: the machines in one's charge.</summary>
    LockOut,

    /// <summary>Put a machine out of service and back, note upkeep. Own: the machines one leads.</summary>
    Maintain,

    /// <summary>What a machine asks for, its sheet, its own hours and how it is booked. Own: the machines one leads.</summary>
    KeepMachines,

    /// <summary>Readers, relays and meters, and their keys.</summary>
    KeepDevices,

    /// <summary>Machine time as figures, without a name unless the names are seen by another right.</summary>
    SeeFigures,

    /// <summary>Correct a row of machine time.</summary>
    CorrectLedger,

    /// <summary>Alarms of the machines. Own: the machines in one's charge.</summary>
    SeeAlarms,

    /// <summary>Guardians, consents and emergency contacts of minors. Own: those of one's groups.</summary>
    SeeMinors,

    /// <summary>Note guardians and consents.</summary>
    KeepMinors,

    /// <summary>Groups, who is in them and who looks after them.</summary>
    KeepGroups,

    /// <summary>Hand out a one-time sign-in. Own: to those who are members and nothing more.</summary>
    GiveSignIn,

    /// <summary>Accounts, roles, who is in charge of which machine, tokens.</summary>
    KeepAccounts,

    /// <summary>Read what staff did.</summary>
    SeeAudit,

    /// <summary>Everything that is kept about a person, to read and to take away. Own: oneself, and nobody of one's groups.</summary>
    ExportPeople,

    /// <summary>Erase everything about a person.</summary>
    ErasePeople,

    /// <summary>Programmes with their pathways, funders, partner organisations, skills.</summary>
    KeepProgrammes,

    /// <summary>See séances, propose them, prepare their lists. Own: those one leads or brings people to.</summary>
    PrepareSessions,

    /// <summary>Hold séances: open them, say who is there, write the sheet. Own: those one leads or is a mentor of.</summary>
    LeadSessions,

    /// <summary>Hours of volunteers. Own: one's own.</summary>
    KeepVolunteering,

    /// <summary>Bring in a lab's description; settings of the place.</summary>
    KeepLab,

    /// <summary>Say who made a job of a machine for which nobody had tapped. Own: oneself and the people of one's groups.</summary>
    ClaimJobs,
}
