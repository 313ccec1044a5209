using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Programmes;
using FabLab.Booking.Features.Recognition;
using FabLab.Booking.Features.Reports;
using FabLab.Booking.Features.Volunteering;
using FabLab.Core;
using FabLab.Core.Visits;
using NodaTime;

namespace FabLab.Booking.Tests.Pages.Browser;

/// <summary>A programme, and three séances of it: one held, one open, one proposed; a link of its report for a funder, and hours of a volunteer.</summary>
internal sealed record YouthSample(ProgrammeId Programme, GroupSessionId Held, GroupSessionId Open, GroupSessionId Proposed)
{
    /// <summary>The secret of the link.</summary>
    public string Secret { get; } = CalendarSecret.New();

    /// <summary>A badge of Lou's.</summary>
    public Guid Badge { get; } = Guid.NewGuid();

    /// <summary>A line of the list of the séance that was held.</summary>
    public AttendeeId Line { get; private set; }

    public static async Task<YouthSample> SeedAsync(PagesHost host, SampleLab lab, CancellationToken cancellationToken)
    {
        YouthSample? sample = null;
        await host.Writer.WriteAsync(
            (write, _) =>
            {
                var (db, now) = (write.Db, write.Now);
                sample = new YouthSample(ProgrammeId.New(now), GroupSessionId.New(now), GroupSessionId.New(now), GroupSessionId.New(now));
                var (pathway, step, skill, other) = (PathwayId.New(now), StepId.New(now), SkillId.New(now), SkillId.New(now));
                var (funder, strand, partner) = (FunderId.New(now), StrandId.New(now), PartnerId.New(now));
                // With a second site the pages speak of sites at all.
                db.LabSites.Add(new Features.Sites.LabSite { Number = 2, Name = "L’annexe", Commune = "Bron", PostCode = "69500", Insee = "69029", Version = 1 });
                db.Funders.Add(new Funder { Id = funder, Name = "Métropole", Version = 1 });
                db.FunderStrands.Add(new FunderStrand { Id = strand, FunderId = funder, Name = "Politique de la ville", Code = "PDV-26" });
                db.Partners.Add(new Partner { Id = partner, Name = "Mission locale", Kind = "Insertion", Version = 1 });
                db.Skills.Add(new Skill { Id = skill, NameFr = "Dessiner pour le laser", NameEn = "Draw for the laser", Version = 1 });
                db.Skills.Add(new Skill { Id = other, NameFr = "Travailler à plusieurs", NameEn = "Work together", Kind = SkillKind.Transversal, Version = 1 });
                db.Programmes.Add(new Programme { Id = sample.Programme, NameFr = "Initiation", NameEn = "Beginners", Description = "Six fois trois heures.", GoalSessions = 6, GoalPeople = 12, GoalHours = 180, Lead = lab.Ines, Version = 1 });
                db.ProgrammeStrands.Add(new ProgrammeStrand { ProgrammeId = sample.Programme, StrandId = strand });
                db.Pathways.Add(new Pathway { Id = pathway, ProgrammeId = sample.Programme, NameFr = "Premiers objets", NameEn = "First things" });
                db.PathwaySteps.Add(new PathwayStep { Id = step, PathwayId = pathway, NameFr = "La lampe", NameEn = "The lamp" });
                db.StepSkills.Add(new StepSkill { StepId = step, SkillId = skill });
                db.StepSkills.Add(new StepSkill { StepId = step, SkillId = other });

                db.ReportLinks.Add(new ReportLink
                {
                    Id = Guid.CreateVersion7(), SecretHash = CalendarSecret.Hash(sample.Secret)!, ForWhom = "Métropole", From = now.InUtc().Date.PlusDays(-30), Through = now.InUtc().Date, ProgrammeId = sample.Programme,
                    ExpiresAt = now + Duration.FromDays(90), MadeBy = lab.Ines, MadeAt = now,
                });
                db.VolunteerHours.Add(new VolunteerHours
                {
                    Id = Guid.CreateVersion7(), PersonId = lab.Ines, Day = now.InUtc().Date, Minutes = 150, Kind = VolunteeringKind.Workshop, Note = "Accompagné les lampes", AddedBy = lab.Ines, AddedAt = now,
                });
                db.PersonDetails.Add(new PersonDetails { PersonId = lab.Lou, Gender = Gender.Female, Occupation = Occupation.School, PriorityArea = PriorityArea.Yes, Version = 1 });
                db.GivenBadges.Add(new GivenBadge { Id = sample.Badge, PersonId = lab.Lou, SkillId = other, GivenAt = now, GivenBy = lab.Ines, StatusPlace = 7, Token = "a.b.c" });
                Session(sample.Held, "Mercredi des lampes", GroupSessionState.Done, now - Duration.FromHours(5));
                Session(sample.Open, "Atelier ouvert", GroupSessionState.Open, now - Duration.FromMinutes(30));
                Session(sample.Proposed, "Classe de 5e", GroupSessionState.Proposed, now + Duration.FromDays(3));
                db.SessionTopics.Add(new SessionTopic { SessionId = sample.Held, SkillId = skill });
                db.SessionSkills.Add(new SessionSkill { SessionId = sample.Held, PersonId = lab.Lou, SkillId = skill, Mark = SkillMark.Validated, By = lab.Ines, At = now });

                void Session(GroupSessionId id, string title, GroupSessionState state, Instant start)
                {
                    var held = state is GroupSessionState.Done or GroupSessionState.Open;
                    db.GroupSessions.Add(new GroupSession
                    {
                        Id = id, ProgrammeId = sample!.Programme, StepId = step, Title = title, Kind = GroupSessionKind.Project, State = state, Start = start, End = start + Duration.FromHours(3),
                        Expected = 24, OpenedAt = held ? start : null, ClosedAt = state == GroupSessionState.Done ? start + Duration.FromHours(3) : null, ClosedBy = lab.Ines,
                        Did = held ? "Sept lampes découpées." : "", CreatedAt = now, Version = 1,
                    });
                    db.SessionPartners.Add(new SessionPartner { SessionId = id, PartnerId = partner });
                    db.SessionStrands.Add(new SessionStrand { SessionId = id, StrandId = strand });
                    db.SessionMentors.Add(new SessionMentor { SessionId = id, PersonId = lab.Ines, Employer = "Le lab", ArrivedAt = held ? start : null });
                    var lou = AttendeeId.New(now);
                    if (id == sample.Held)
                        sample.Line = lou;
                    db.Attendees.Add(new Attendee
                    {
                        Id = lou, SessionId = id, Number = 1, PersonId = lab.Lou, Status = held ? AttendanceStatus.Present : AttendanceStatus.Expected,
                        Way = AttendanceWay.Door, ArrivedAt = held ? start : null, AddedAt = now,
                    });
                    db.Attendees.Add(new Attendee { Id = AttendeeId.New(now), SessionId = id, Number = 2, FirstName = "Zoé", Status = held ? AttendanceStatus.Excused : AttendanceStatus.Expected, AddedAt = now });
                    db.Attendees.Add(new Attendee { Id = AttendeeId.New(now), SessionId = id, Number = 3, AddedAt = now });
                    if (!held)
                        return;
                    var half = SheetProof.Of(start, DateTimeZoneProviders.Tzdb["Europe/Paris"]);
                    db.SessionSignatures.Add(new SessionSignature { Id = Guid.CreateVersion7(), SessionId = id, AttendeeId = lou, PersonId = lab.Lou, Day = half.Day, Half = half.Half, Proof = ProofKind.Badge, At = start });
                    db.AttendanceCounts.Add(new AttendanceCount { SessionId = id, Band = AgeBand.From12To17, Gender = Gender.NotSaid, Occupation = Occupation.School, Known = false, Number = 12 });
                }

                return Task.CompletedTask;
            },
            cancellationToken);
        return sample!;
    }
}
