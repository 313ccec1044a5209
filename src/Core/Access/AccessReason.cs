namespace FabLab.Core.Access;

/// <summary>Why somebody may not use a machine now. A closed set; its stable code is <see cref="AccessReasons.Code"/>. The order here is the order in which they are looked for, see <see cref="AccessReasons.All"/>.</summary>
public enum AccessReason
{
    /// <summary>What happens cannot be written down, so nothing is switched on.</summary>
    StorageFailure,

    /// <summary>The gateway does not know this machine.</summary>
    MachineUnknown,

    /// <summary>The machine is locked out (consignée).</summary>
    LockedOut,

    /// <summary>The machine is out of service (en panne).</summary>
    MachineBroken,

    /// <summary>The device at the machine does not answer.</summary>
    MachineUnreachable,

    /// <summary>Too many refused taps in a short time.</summary>
    TooManyAttempts,

    /// <summary>The gateway has not heard from Booking for longer than this machine allows.</summary>
    PolicyTooOld,

    /// <summary>No badge of the lab has that number, or it belongs to nobody.</summary>
    UnknownBadge,

    /// <summary>The reader sees too little of the number to tell two badges apart.</summary>
    AmbiguousBadge,

    /// <summary>The badge was reported lost.</summary>
    BadgeLost,

    /// <summary>The badge was suspended.</summary>
    BadgeSuspended,

    /// <summary>The badge is easier to copy than this machine allows.</summary>
    BadgeTooWeak,

    /// <summary>The person is not active in the lab.</summary>
    PersonInactive,

    /// <summary>The membership has ended, or there is none.</summary>
    MembershipEnded,

    /// <summary>The machine has an age limit and the person's age is not known.</summary>
    AgeUnknown,

    /// <summary>Too young for the machine even with somebody beside.</summary>
    TooYoung,

    /// <summary>A habilitation the machine asks for was suspended.</summary>
    HabilitationSuspended,

    /// <summary>A training the machine asks for is missing.</summary>
    TrainingMissing,

    /// <summary>A training the machine asks for has expired.</summary>
    TrainingExpired,

    /// <summary>The machine is closed at this hour.</summary>
    ClosedNow,

    /// <summary>The machine is open at this hour, but for others: who has booked, a group, the team.</summary>
    KeptForOthers,

    /// <summary>Somebody else has booked the machine now.</summary>
    ReservedByOther,

    /// <summary>Somebody else is using the machine and it cannot be handed over now.</summary>
    MachineInUse,

    /// <summary>The person is already using another machine that needs them beside it.</summary>
    RunningElsewhere,

    /// <summary>The person's time for the period is used.</summary>
    QuotaUsed,

    /// <summary>The person has not checked in at the door.</summary>
    NotCheckedIn,

    /// <summary>Time on this machine is counted for a project and none is chosen.</summary>
    ProjectRequired,

    /// <summary>The second person may not accompany on this machine.</summary>
    CompanionMayNot,

    /// <summary>The second person already accompanies as many minors as one adult may.</summary>
    SupervisionRatio,

    /// <summary>Too young to use the machine alone: somebody must badge in too.</summary>
    TooYoungAlone,

    /// <summary>Still a learner on this machine: somebody must badge in too.</summary>
    NeedsAccompanying,

    /// <summary>This machine is used by two: a second person must badge in.</summary>
    NeedsSecondPerson,
}
