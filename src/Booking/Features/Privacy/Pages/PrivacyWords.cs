using FabLab.Booking.Features.Audit;
using FabLab.Ui.Text;

namespace FabLab.Booking.Features.Privacy.Pages;

/// <summary>Codes and tables in words.</summary>
internal static class PrivacyWords
{
    public static string Rule(PageText text, string rule) => rule switch
    {
        RetentionRules.RefusedTaps => text[PrivacyText.RuleRefusedTaps],
        RetentionRules.MachineJobs => text[PrivacyText.RuleMachineJobs],
        RetentionRules.MachineUse => text[PrivacyText.RuleMachineUse],
        RetentionRules.Visits => text[PrivacyText.RuleVisits],
        RetentionRules.Bookings => text[PrivacyText.RuleBookings],
        RetentionRules.AuditValues => text[PrivacyText.RuleAuditValues],
        RetentionRules.SignIns => text[PrivacyText.RuleSignIns],
        RetentionRules.GroupSessions => text[PrivacyText.RuleGroupSessions],
        RetentionRules.Messages => text[PrivacyText.RuleMessages],
        RetentionRules.People => text[PrivacyText.RulePeople],
        _ => rule,
    };

    public static string Fault(PageText text, string fault) => fault switch
    {
        AuditFaults.EntryMissing => text[PrivacyText.FaultEntryMissing],
        AuditFaults.EntryChanged => text[PrivacyText.FaultEntryChanged],
        AuditFaults.ChainBroken => text[PrivacyText.FaultChainBroken],
        AuditFaults.ValueChanged => text[PrivacyText.FaultValueChanged],
        AuditFaults.ValueForeign => text[PrivacyText.FaultValueForeign],
        AuditFaults.ValuesMissing => text[PrivacyText.FaultValuesMissing],
        AuditFaults.DecisionChanged => text[PrivacyText.FaultDecisionChanged],
        AuditFaults.DecisionMissing => text[PrivacyText.FaultDecisionMissing],
        AuditFaults.HeadWrong => text[PrivacyText.FaultHeadWrong],
        AuditFaults.KeptHeadMissing => text[PrivacyText.FaultKeptHeadMissing],
        _ => "",
    };

    public static string Table(PageText text, string table) => table switch
    {
        "person" => text[PrivacyText.TablePerson],
        "badge" => text[PrivacyText.TableBadge],
        "habilitation" => text[PrivacyText.TableHabilitation],
        "habilitation_act" => text[PrivacyText.TableActs],
        "habilitation_act_about_them" => text[PrivacyText.TableActsAbout],
        "machine_time" => text[PrivacyText.TableMachineTime],
        "reservation" => text[PrivacyText.TableReservation],
        "refused_tap" => text[PrivacyText.TableRefused],
        "journal" => text[PrivacyText.TableJournal],
        "audit" => text[PrivacyText.TableAudit],
        "minor_sheet" => text[PrivacyText.TableMinor],
        "minor_contact" => text[PrivacyText.TableContacts],
        "minor_consent" => text[PrivacyText.TableConsents],
        "staff_account" => text[PrivacyText.TableAccount],
        "message" => text[PrivacyText.TableMessages],
        "message_choice" => text[PrivacyText.TableChoices],
        "calendar_feed" => text[PrivacyText.TableFeed],
        "staff_session" => text[PrivacyText.TableSignIns],
        "one_time_link" => text[PrivacyText.TableLinks],
        "passkey" => text[PrivacyText.TablePasskeys],
        "machine_duty" => text[PrivacyText.TableDuties],
        "group_place" => text[PrivacyText.TableGroups],
        "presence" => text[PrivacyText.TablePresence],
        "visit" => text[PrivacyText.TableVisits],
        "door_pin" => text[PrivacyText.TableDoorPin],
        "project_member" => text[PrivacyText.TableProjects],
        Erasure.FreeWordsRow => text[PrivacyText.TableFreeWords],
        "lock_out" => text[PrivacyText.TableLockOuts],
        _ => text[PrivacyText.TableOther, table],
    };
}
