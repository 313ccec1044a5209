using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Projects;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Features.Trainings;
using FabLab.Booking.Features.Visits;
using FabLab.Booking.Features.Volunteering;
using FabLab.Booking.Features.Webhooks;

namespace FabLab.Booking.Features.Privacy;

/// <summary>What erasing somebody does with a row that names them.</summary>
internal enum PersonalFate
{
    /// <summary>The row is about them: it goes.</summary>
    Delete,

    /// <summary>The row stays without anybody.</summary>
    Forget,

    /// <summary>The row stays for what it counts or proves, with a pseudonym instead of them.</summary>
    Detach,

    /// <summary>A value of the audit: it goes together with its salt.</summary>
    Uncommit,

    /// <summary>Not a person's id alone: ids in a record, a badge, words beside a row. <see cref="Erasure"/> itself takes them out.</summary>
    Rewrite,
}

/// <summary>
/// One column that holds a person or a value about one. Export and erasure go by this list and nothing else, and a test compares it with the model:
/// a new column that holds a person is not forgotten. Columns of rows that go with their person need no line of their own.
/// </summary>
/// <param name="Entity">The table, as its class.</param>
/// <param name="Property">The column, as its property.</param>
/// <param name="Fate">What erasure does with it.</param>
internal sealed record PersonalColumn(Type Entity, string Property, PersonalFate Fate)
{
    /// <summary>In the order in which erasure goes: what refers to a row before the row.</summary>
    public static IReadOnlyList<PersonalColumn> All { get; } =
    [
        Of<Message>(nameof(Message.PersonId), PersonalFate.Delete),
        Of<MessageChoice>(nameof(MessageChoice.PersonId), PersonalFate.Delete),
        Of<CalendarFeed>(nameof(CalendarFeed.PersonId), PersonalFate.Delete),
        Of<WebhookDelivery>(nameof(WebhookDelivery.PersonId), PersonalFate.Delete),
        Of<IdempotencyRow>(nameof(IdempotencyRow.Actor), PersonalFate.Delete),
        Of<Webhook>(nameof(Webhook.MadeBy), PersonalFate.Forget),
        Of<BadgeEnrolment>(nameof(BadgeEnrolment.PersonId), PersonalFate.Delete),
        Of<BadgeEnrolment>(nameof(BadgeEnrolment.StartedBy), PersonalFate.Delete),
        Of<BadgeEnrolment>(nameof(BadgeEnrolment.OtherPerson), PersonalFate.Forget),
        Of<OneTimeLink>(nameof(OneTimeLink.AccountId), PersonalFate.Delete),
        Of<StaffSession>(nameof(StaffSession.AccountId), PersonalFate.Delete),
        Of<Passkey>(nameof(Passkey.AccountId), PersonalFate.Delete),
        Of<MachineDuty>(nameof(MachineDuty.PersonId), PersonalFate.Delete),
        Of<GroupPlace>(nameof(GroupPlace.PersonId), PersonalFate.Delete),
        Of<StaffAccount>(nameof(StaffAccount.Id), PersonalFate.Delete),
        Of<Enrolment>(nameof(Enrolment.PersonId), PersonalFate.Delete),
        Of<SessionSignature>(nameof(SessionSignature.PersonId), PersonalFate.Delete),
        Of<SessionSkill>(nameof(SessionSkill.PersonId), PersonalFate.Delete),
        Of<OwnPage>(nameof(OwnPage.PersonId), PersonalFate.Delete),
        Of<PersonDetails>(nameof(PersonDetails.PersonId), PersonalFate.Delete),
        Of<PartnerPerson>(nameof(PartnerPerson.PersonId), PersonalFate.Delete),
        Of<Attendee>(nameof(Attendee.PersonId), PersonalFate.Forget),
        Of<MinorSheet>(nameof(MinorSheet.PersonId), PersonalFate.Delete),
        Of<MinorContact>(nameof(MinorContact.PersonId), PersonalFate.Delete),
        Of<MinorConsent>(nameof(MinorConsent.PersonId), PersonalFate.Delete),
        Of<PresenceRow>(nameof(PresenceRow.PersonId), PersonalFate.Delete),
        Of<DoorPinRow>(nameof(DoorPinRow.PersonId), PersonalFate.Delete),
        Of<DoorItem>(nameof(DoorItem.PersonId), PersonalFate.Delete),
        Of<DoorRequest>(nameof(DoorRequest.ClosedBy), PersonalFate.Forget),
        Of<Visit>(nameof(Visit.PersonId), PersonalFate.Detach),
        Of<VolunteerHours>(nameof(VolunteerHours.PersonId), PersonalFate.Detach),
        Of<VolunteerHours>(nameof(VolunteerHours.AddedBy), PersonalFate.Detach),
        Of<VolunteerHours>(nameof(VolunteerHours.Note), PersonalFate.Rewrite),
        Of<ReportLink>(nameof(ReportLink.MadeBy), PersonalFate.Forget),
        Of<GivenBadge>(nameof(GivenBadge.PersonId), PersonalFate.Forget),
        Of<GivenBadge>(nameof(GivenBadge.GivenBy), PersonalFate.Detach),
        Of<GivenBadge>(nameof(GivenBadge.Token), PersonalFate.Rewrite),
        Of<ProjectMember>(nameof(ProjectMember.PersonId), PersonalFate.Delete),
        Of<RefusedTap>(nameof(RefusedTap.PersonId), PersonalFate.Delete),
        Of<WaitRow>(nameof(WaitRow.PersonId), PersonalFate.Delete),
        Of<Reservation>(nameof(Reservation.PersonId), PersonalFate.Forget),
        Of<Reservation>(nameof(Reservation.MadeBy), PersonalFate.Forget),
        Of<Reservation>(nameof(Reservation.CancelledBy), PersonalFate.Forget),
        Of<Reservation>(nameof(Reservation.WaivedBy), PersonalFate.Forget),
        Of<SeriesRow>(nameof(SeriesRow.MadeBy), PersonalFate.Forget),
        Of<Reservation>(nameof(Reservation.Decision), PersonalFate.Rewrite),
        Of<Reservation>(nameof(Reservation.Note), PersonalFate.Rewrite),
        Of<Reservation>(nameof(Reservation.Why), PersonalFate.Rewrite),
        Of<BookingQuotaRow>(nameof(BookingQuotaRow.Quota), PersonalFate.Rewrite),
        Of<MachineNow>(nameof(MachineNow.PersonId), PersonalFate.Forget),
        Of<MachineTimeEntry>(nameof(MachineTimeEntry.PersonId), PersonalFate.Detach),
        Of<MachineTimeEntry>(nameof(MachineTimeEntry.AccompaniedBy), PersonalFate.Detach),
        Of<MachineTimeEntry>(nameof(MachineTimeEntry.Author), PersonalFate.Detach),
        Of<MachineJobRow>(nameof(MachineJobRow.PersonId), PersonalFate.Forget),
        Of<MachineJobRow>(nameof(MachineJobRow.AttributedBy), PersonalFate.Forget),
        Of<MachineJobRow>(nameof(MachineJobRow.Name), PersonalFate.Rewrite),
        Of<HabilitationAct>(nameof(HabilitationAct.By), PersonalFate.Detach),
        Of<Training>(nameof(Training.Trainer), PersonalFate.Forget),
        Of<TrainingSession>(nameof(TrainingSession.Trainer), PersonalFate.Detach),
        Of<Enrolment>(nameof(Enrolment.EnrolledBy), PersonalFate.Detach),
        Of<Enrolment>(nameof(Enrolment.MarkedBy), PersonalFate.Detach),
        Of<Enrolment>(nameof(Enrolment.GivenBy), PersonalFate.Detach),
        Of<Programme>(nameof(Programme.Lead), PersonalFate.Forget),
        Of<GroupSession>(nameof(GroupSession.Lead), PersonalFate.Detach),
        Of<GroupSession>(nameof(GroupSession.MadeBy), PersonalFate.Detach),
        Of<GroupSession>(nameof(GroupSession.OpenedBy), PersonalFate.Detach),
        Of<GroupSession>(nameof(GroupSession.ClosedBy), PersonalFate.Detach),
        Of<SessionMentor>(nameof(SessionMentor.PersonId), PersonalFate.Detach),
        Of<SessionSkill>(nameof(SessionSkill.By), PersonalFate.Detach),
        Of<Attendee>(nameof(Attendee.MarkedBy), PersonalFate.Detach),
        Of<InductionRow>(nameof(InductionRow.Trainer), PersonalFate.Detach),
        Of<InductionRow>(nameof(InductionRow.Trainee), PersonalFate.Detach),
        Of<Machine>(nameof(Machine.BrokenBy), PersonalFate.Detach),
        Of<Maintenance>(nameof(Maintenance.DoneBy), PersonalFate.Detach),
        Of<FaultReport>(nameof(FaultReport.ClosedBy), PersonalFate.Detach),
        Of<LockOutRow>(nameof(LockOutRow.Author), PersonalFate.Detach),
        Of<LockOutRow>(nameof(LockOutRow.ReleasedBy), PersonalFate.Detach),
        Of<Alarm>(nameof(Alarm.SeenBy), PersonalFate.Detach),
        Of<ErasureReceipt>(nameof(ErasureReceipt.By), PersonalFate.Detach),
        Of<JournalRow>(nameof(JournalRow.Body), PersonalFate.Rewrite),
        Of<MachineNow>(nameof(MachineNow.State), PersonalFate.Rewrite),
        Of<MachineProgress>(nameof(MachineProgress.State), PersonalFate.Rewrite),
        Of<MachineTimeEntry>(nameof(MachineTimeEntry.BadgeId), PersonalFate.Rewrite),
        Of<MachineTimeEntry>(nameof(MachineTimeEntry.Reason), PersonalFate.Rewrite),
        Of<HabilitationAct>(nameof(HabilitationAct.HabilitationId), PersonalFate.Rewrite),
        Of<HabilitationAct>(nameof(HabilitationAct.Evidence), PersonalFate.Rewrite),
        Of<AuditValue>(nameof(AuditValue.By), PersonalFate.Uncommit),
        Of<AuditValue>(nameof(AuditValue.Subject), PersonalFate.Uncommit),
        Of<AuditValue>(nameof(AuditValue.Detail), PersonalFate.Uncommit),
        Of<Badge>(nameof(Badge.PersonId), PersonalFate.Delete),
        Of<Habilitation>(nameof(Habilitation.PersonId), PersonalFate.Delete),
        Of<Person>(nameof(Person.Id), PersonalFate.Delete),
    ];

    /// <summary>Whether the column holds a person's id and nothing else.</summary>
    public bool IsPerson => Fate is not (PersonalFate.Uncommit or PersonalFate.Rewrite);

    private static PersonalColumn Of<T>(string property, PersonalFate fate) => new(typeof(T), property, fate);
}
