namespace FabLab.Core.Sessions;

/// <summary>Why a session ended. A closed set; its stable code is the snake_case name.</summary>
public enum EndReason
{
    /// <summary>The maker tapped again.</summary>
    Tapped,

    /// <summary>The person beside tapped.</summary>
    CompanionTapped,

    /// <summary>Somebody else took over.</summary>
    HandedOver,

    /// <summary>Ended from a screen.</summary>
    StoppedFromScreen,

    /// <summary>The gateway was stopped by its operator.</summary>
    GatewayStopped,

    /// <summary>Nothing was done for a long time.</summary>
    Idle,

    /// <summary>The longest use of the machine was reached.</summary>
    MaxSession,

    /// <summary>Somebody else's booking began.</summary>
    NextBooking,

    /// <summary>Closing time.</summary>
    Closing,

    /// <summary>The time of the period was used.</summary>
    Quota,

    /// <summary>The membership ended.</summary>
    Membership,

    /// <summary>The habilitation ended.</summary>
    Habilitation,

    /// <summary>The right to use the machine was withdrawn, or the person beside left.</summary>
    AccessWithdrawn,

    /// <summary>The machine was locked out.</summary>
    LockedOut,

    /// <summary>The device was not heard any more and opened its relay.</summary>
    LinkLost,

    /// <summary>The link was lost, and the machine ended its work by itself.</summary>
    FinishedAlone,

    /// <summary>The device lost its power.</summary>
    PowerLost,

    /// <summary>The device opened its relay by itself.</summary>
    RelayOpened,

    /// <summary>The relay never closed.</summary>
    RelayDidNotClose,

    /// <summary>The relay is faulty.</summary>
    Fault,

    /// <summary>The gateway was away for longer than the lease.</summary>
    GatewayRestarted,

    /// <summary>Nothing could be written down any more.</summary>
    StorageFailure,

    /// <summary>The device ended it while it was alone.</summary>
    Offline,

    /// <summary>The booking was over, and the work in hand was finished or had had its time.</summary>
    BookingEnd,

    /// <summary>The séance was over.</summary>
    GroupSession,
}
