namespace FabLab.Booking.Features.Privacy;

/// <summary>Codes of what the purge does.</summary>
public static class RetentionRules
{
    public const string RefusedTaps = "refused_taps";
    public const string MachineUse = "machine_use";
    public const string MachineJobs = "machine_jobs";
    public const string Visits = "visits";
    public const string Bookings = "bookings";
    public const string AuditValues = "audit_values";
    public const string SignIns = "sign_ins";
    public const string Messages = "messages";
    public const string GroupSessions = "group_sessions";
    public const string People = "people";
}
