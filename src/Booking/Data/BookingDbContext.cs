using FabLab.Booking.Features.Audit;
using FabLab.Booking.Features.Calendar;
using FabLab.Booking.Features.Details;
using FabLab.Booking.Features.Devices;
using FabLab.Booking.Features.Floor;
using FabLab.Booking.Features.GroupSessions;
using FabLab.Booking.Features.Habilitations;
using FabLab.Booking.Features.Hours;
using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Jobs;
using FabLab.Booking.Features.Journal;
using FabLab.Booking.Features.Ledger;
using FabLab.Booking.Features.LockOuts;
using FabLab.Booking.Features.Machines;
using FabLab.Booking.Features.Messages;
using FabLab.Booking.Features.Minors;
using FabLab.Booking.Features.People;
using FabLab.Booking.Features.Policy;
using FabLab.Booking.Features.Presence;
using FabLab.Booking.Features.Privacy;
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
using FabLab.Core;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace FabLab.Booking.Data;

/// <summary>
/// The tables. The context that services get reads only, without tracking; whoever wants to write asks <see cref="BookingWriter"/>.
/// </summary>
public sealed class BookingDbContext : DbContext
{
    private readonly bool _writes;

    public BookingDbContext(DbContextOptions<BookingDbContext> options)
        : this(options, writes: false)
    {
    }

    private BookingDbContext(DbContextOptions<BookingDbContext> options, bool writes)
        : base(options)
    {
        _writes = writes;
        Rows = new NewRows(this);
        ChangeTracker.QueryTrackingBehavior = writes ? QueryTrackingBehavior.TrackAll : QueryTrackingBehavior.NoTracking;
        // The writer has a savepoint of its own around every write.
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<Site> Sites => Set<Site>();

    public DbSet<Features.Sites.LabSite> LabSites => Set<Features.Sites.LabSite>();

    public DbSet<Person> People => Set<Person>();

    public DbSet<Badge> Badges => Set<Badge>();

    public DbSet<Machine> Machines => Set<Machine>();

    public DbSet<Device> Devices => Set<Device>();

    public DbSet<MachineDevice> MachineDevices => Set<MachineDevice>();

    public DbSet<DeviceTrialRow> DeviceTrials => Set<DeviceTrialRow>();

    public DbSet<Training> Trainings => Set<Training>();

    public DbSet<Habilitation> Habilitations => Set<Habilitation>();

    public DbSet<HabilitationAct> HabilitationActs => Set<HabilitationAct>();

    public DbSet<Project> Projects => Set<Project>();

    public DbSet<ProjectMember> ProjectMembers => Set<ProjectMember>();

    public DbSet<PresenceRow> Presence => Set<PresenceRow>();

    public DbSet<Reservation> Reservations => Set<Reservation>();

    public DbSet<BookingSlot> BookingSlots => Set<BookingSlot>();

    public DbSet<SeriesRow> BookingSeries => Set<SeriesRow>();

    public DbSet<WaitRow> BookingWaits => Set<WaitRow>();

    public DbSet<Pool> Pools => Set<Pool>();

    public DbSet<PoolMember> PoolMembers => Set<PoolMember>();

    public DbSet<SiteTimetableRow> SiteTimetables => Set<SiteTimetableRow>();

    public DbSet<MachineTimetableRow> MachineTimetables => Set<MachineTimetableRow>();

    public DbSet<TermsRow> BookingTerms => Set<TermsRow>();

    public DbSet<BookingQuotaRow> BookingQuotas => Set<BookingQuotaRow>();

    public DbSet<LockOutRow> LockOuts => Set<LockOutRow>();

    public DbSet<JournalRow> Journal => Set<JournalRow>();

    public DbSet<MachineProgress> MachineProgress => Set<MachineProgress>();

    public DbSet<RefusedTap> RefusedTaps => Set<RefusedTap>();

    public DbSet<MachineTimeEntry> Ledger => Set<MachineTimeEntry>();

    public DbSet<Alarm> Alarms => Set<Alarm>();

    public DbSet<MachineNow> MachinesNow => Set<MachineNow>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<StaffAccount> StaffAccounts => Set<StaffAccount>();

    public DbSet<OneTimeLink> OneTimeLinks => Set<OneTimeLink>();

    public DbSet<GatewayAccount> Gateways => Set<GatewayAccount>();

    public DbSet<PolicyMark> PolicyMarks => Set<PolicyMark>();

    public DbSet<PolicyCounter> PolicyCounters => Set<PolicyCounter>();

    public DbSet<MachineDuty> MachineDuties => Set<MachineDuty>();

    public DbSet<PersonGroup> PersonGroups => Set<PersonGroup>();

    public DbSet<GroupPlace> GroupPlaces => Set<GroupPlace>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<Passkey> Passkeys => Set<Passkey>();

    public DbSet<StaffSession> StaffSessions => Set<StaffSession>();

    public DbSet<TrainingPrerequisite> TrainingPrerequisites => Set<TrainingPrerequisite>();

    public DbSet<TrainingSession> TrainingSessions => Set<TrainingSession>();

    public DbSet<Enrolment> Enrolments => Set<Enrolment>();

    public DbSet<InductionRow> Inductions => Set<InductionRow>();

    public DbSet<BadgeEnrolment> BadgeEnrolments => Set<BadgeEnrolment>();

    public DbSet<MachineCare> MachineCare => Set<MachineCare>();

    public DbSet<Maintenance> Maintenance => Set<Maintenance>();

    public DbSet<FaultReport> FaultReports => Set<FaultReport>();

    public DbSet<AuditValue> AuditValues => Set<AuditValue>();

    public DbSet<AuditHead> AuditHeads => Set<AuditHead>();

    public DbSet<Pseudonym> Pseudonyms => Set<Pseudonym>();

    public DbSet<RetentionGate> RetentionGates => Set<RetentionGate>();

    public DbSet<RetentionRun> RetentionRuns => Set<RetentionRun>();

    public DbSet<ErasureReceipt> ErasureReceipts => Set<ErasureReceipt>();

    public DbSet<MinorSheet> MinorSheets => Set<MinorSheet>();

    public DbSet<MinorContact> MinorContacts => Set<MinorContact>();

    public DbSet<MinorConsent> MinorConsents => Set<MinorConsent>();

    public DbSet<Message> Messages => Set<Message>();

    public DbSet<MessageChoice> MessageChoices => Set<MessageChoice>();

    public DbSet<Webhook> Webhooks => Set<Webhook>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<IdempotencyRow> IdempotencyKeys => Set<IdempotencyRow>();

    public DbSet<CalendarFeed> CalendarFeeds => Set<CalendarFeed>();

    public DbSet<MachineJobRow> MachineJobs => Set<MachineJobRow>();

    public DbSet<Visit> Visits => Set<Visit>();

    public DbSet<VisitReason> VisitReasons => Set<VisitReason>();

    public DbSet<KioskAccount> Kiosks => Set<KioskAccount>();

    public DbSet<DoorItem> DoorItems => Set<DoorItem>();

    public DbSet<DoorRequest> DoorRequests => Set<DoorRequest>();

    public DbSet<DoorPinRow> DoorPins => Set<DoorPinRow>();

    public DbSet<Funder> Funders => Set<Funder>();

    public DbSet<FunderStrand> FunderStrands => Set<FunderStrand>();

    public DbSet<Partner> Partners => Set<Partner>();

    public DbSet<PartnerPerson> PartnerPeople => Set<PartnerPerson>();

    public DbSet<Programme> Programmes => Set<Programme>();

    public DbSet<ProgrammeStrand> ProgrammeStrands => Set<ProgrammeStrand>();

    public DbSet<Pathway> Pathways => Set<Pathway>();

    public DbSet<PathwayStep> PathwaySteps => Set<PathwayStep>();

    public DbSet<Skill> Skills => Set<Skill>();

    public DbSet<StepSkill> StepSkills => Set<StepSkill>();

    public DbSet<OwnPage> OwnPages => Set<OwnPage>();

    public DbSet<GroupSession> GroupSessions => Set<GroupSession>();

    public DbSet<SessionPartner> SessionPartners => Set<SessionPartner>();

    public DbSet<SessionStrand> SessionStrands => Set<SessionStrand>();

    public DbSet<SessionMentor> SessionMentors => Set<SessionMentor>();

    public DbSet<SessionMachine> SessionMachines => Set<SessionMachine>();

    public DbSet<SessionTopic> SessionTopics => Set<SessionTopic>();

    public DbSet<SessionSkill> SessionSkills => Set<SessionSkill>();

    public DbSet<Attendee> Attendees => Set<Attendee>();

    public DbSet<AttendanceCount> AttendanceCounts => Set<AttendanceCount>();

    public DbSet<SessionSignature> SessionSignatures => Set<SessionSignature>();

    public DbSet<PersonDetails> PersonDetails => Set<PersonDetails>();

    public DbSet<ReportLink> ReportLinks => Set<ReportLink>();

    public DbSet<VolunteerHours> VolunteerHours => Set<VolunteerHours>();

    public DbSet<GivenBadge> GivenBadges => Set<GivenBadge>();

    /// <summary>Rows that this write adds and that EF need not watch.</summary>
    internal NewRows Rows { get; }

    /// <summary>The last revision of the rules given out in this group of writes; null when none was.</summary>
    internal long? PolicyRevision { get; set; }

    /// <summary>The revision of the rules as it stands in its table within this group of writes.</summary>
    internal long PolicyWritten { get; set; }

    /// <summary>Whether something that gateways copy was saved through this context.</summary>
    internal bool PolicyTouched { get; set; }

    /// <summary>Whether something that bookings are decided from (hours, terms, machines) was saved in this group of writes and is not committed yet.</summary>
    internal bool SettingsTouched { get; set; }

    /// <summary>Whether this group of writes has the lock under which one copy of Booking at a time decides about bookings.</summary>
    internal bool BookingsHeld { get; set; }

    /// <summary>What will be asked in a moment and goes along with the next plain questions, so that PostgreSQL is not asked twice.</summary>
    internal List<PlainQuestion> Along { get; } = [];

    /// <summary>How people want to be told, of those who were asked about ahead within this write; null for who is not there.</summary>
    internal Dictionary<(PersonId Person, MessageKind Kind), MessageReader?> KnownReaders { get; } = [];

    /// <summary>Forgets what was read and saved, for the next write of the same group.</summary>
    internal void StartAnew()
    {
        ChangeTracker.Clear();
        Rows.Clear();
        Along.Clear();
        KnownReaders.Clear();
        PolicyTouched = false;
    }

    internal static BookingDbContext ForWriting(DbContextOptions<BookingDbContext> options) => new(options, writes: true);

    /// <summary>Several reads that see one state of the database. Close it soon: SQLite keeps the log of changes until then.</summary>
    internal async Task<IAsyncDisposable> BeginSnapshotAsync(CancellationToken cancellationToken)
    {
        if (!Database.IsSqlite())
            return await Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
        await Database.OpenConnectionAsync(cancellationToken);
        // Deferred: an ordinary BEGIN of this provider takes the write lock.
        var begun = ((SqliteConnection)Database.GetDbConnection()).BeginTransaction(deferred: true);
        var used = await Database.UseTransactionAsync(begun, cancellationToken);
        return new SqliteSnapshot(this, begun, used!);
    }

    private sealed class SqliteSnapshot(BookingDbContext db, SqliteTransaction begun, IDbContextTransaction used) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await used.DisposeAsync();
            await begun.DisposeAsync();
            await db.Database.CloseConnectionAsync();
        }
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess) => throw new NotSupportedException("Save asynchronously, inside BookingWriter.");

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        if (!_writes)
            throw new InvalidOperationException("This context only reads. Write through BookingWriter.");
        await PolicyMarking.MarkAsync(this, cancellationToken);
        var saved = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        return saved + await Rows.SaveAsync(cancellationToken);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) => StorageConventions.Apply(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder modelBuilder) => BookingModel.Build(modelBuilder);
}
