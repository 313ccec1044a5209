using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FabLab.Booking.Features.SignIn;
using FabLab.Booking.Tests.Hosting;
using FabLab.Contracts;
using FabLab.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Tests.Api;

/// <summary>Every endpoint there is, called as nobody, as staff and as a manager, with good and with broken bodies.</summary>
public sealed class EndpointTableTests
{
    /// <summary>
    /// What every endpoint and page asks for: a right, the key of a gateway or of a kiosk, or nothing. A new one fails the test until it has a line
    /// here; one whose right reaches only one's own for some role needs a line in <see cref="OwnOnlyTests"/> too.
    /// </summary>
    internal static readonly Dictionary<string, Needed> Table = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/gateways/{gateway}/policy"] = Needed.Key,
        ["POST /api/v1/gateways/{gateway}/journal"] = Needed.Key,
        ["PUT /api/v1/gateways/{gateway}/devices"] = Needed.Key,
        ["GET /api/v1/gateways/{gateway}/devices/{device}/firmware"] = Needed.Key,
        ["GET /api/v1/door"] = Needed.KioskKey,
        ["POST /api/v1/visits"] = Needed.KioskKey,
        ["GET /api/v1/door/people/{id:guid}"] = Needed.KioskKey,
        ["POST /api/v1/door/calls"] = Needed.KioskKey,
        ["POST /api/v1/door/sign-ins"] = Needed.KioskKey,
        ["PUT /api/v1/visits/{id:guid}"] = new(Right.KeepDoor),
        ["POST /api/v1/desk-visits"] = new(Right.KeepDoor),
        ["POST /api/v1/door-calls/{id:guid}/close"] = new(Right.KeepDoor),
        ["POST /api/v1/door-calls/{id:guid}/open"] = new(Right.KeepDoor),
        ["PUT /api/v1/door-pin"] = new(Right.KeepDoor),
        ["PUT /api/v1/visit-reasons"] = new(Right.KeepLab),
        ["GET /api/v1/place"] = Needed.Nothing,
        ["GET /api/v1/session"] = Needed.Nothing,
        ["POST /api/v1/sign-in/link"] = Needed.Nothing,
        ["POST /api/v1/sign-in/password"] = Needed.Nothing,
        ["POST /api/v1/sign-in/demo"] = Needed.Nothing,
        ["POST /api/v1/sign-in/short-code"] = Needed.Nothing,
        ["POST /api/v1/sign-in/code"] = Needed.Nothing,
        ["POST /api/v1/sign-in/passkey/question"] = Needed.Nothing,
        ["POST /api/v1/sign-in/passkey"] = Needed.Nothing,
        ["POST /api/v1/sign-out"] = Needed.Nothing,
        ["PUT /api/v1/account/password"] = new(Right.OwnAccount),
        ["POST /api/v1/account/passkeys/question"] = new(Right.OwnAccount),
        ["POST /api/v1/account/passkeys"] = new(Right.OwnAccount),
        ["POST /api/v1/people/{id:guid}/sign-in"] = new(Right.GiveSignIn),
        ["PUT /api/v1/people/{id:guid}/account"] = new(Right.KeepAccounts),
        ["PUT /api/v1/groups/{id:guid}"] = new(Right.KeepGroups),
        ["POST /api/v1/people"] = new(Right.KeepPeople),
        ["PUT /api/v1/people/{id:guid}"] = new(Right.KeepPeople),
        ["PUT /api/v1/people/{id:guid}/contact"] = new(Right.KeepPeople),
        ["PUT /api/v1/people/{id:guid}/details"] = new(Right.KeepDetails),
        ["POST /api/v1/people/{id:guid}/volunteering"] = new(Right.KeepVolunteering),
        ["POST /api/v1/volunteering/{id:guid}/take-out"] = new(Right.KeepVolunteering),
        ["POST /api/v1/volunteering/{id:guid}/restore"] = new(Right.KeepVolunteering),
        ["POST /api/v1/people/{id:guid}/recognitions"] = new(Right.KeepProgrammes),
        ["POST /api/v1/recognitions/{id:guid}/revoke"] = new(Right.KeepProgrammes),
        ["POST /api/v1/recognitions/{id:guid}/restore"] = new(Right.KeepProgrammes),
        ["POST /api/v1/report-links"] = new(Right.KeepProgrammes),
        ["POST /api/v1/report-links/{id:guid}/revoke"] = new(Right.KeepProgrammes),
        ["POST /api/v1/report-links/{id:guid}/restore"] = new(Right.KeepProgrammes),
        ["POST /api/v1/people/{id:guid}/badges"] = new(Right.KeepBadges),
        ["PUT /api/v1/badges/{id:guid}"] = new(Right.KeepBadges),
        ["POST /api/v1/people/{id:guid}/habilitations"] = new(Right.Grant),
        ["POST /api/v1/habilitations/{id:guid}/suspend"] = new(Right.Grant),
        ["POST /api/v1/habilitations/{id:guid}/resume"] = new(Right.Grant),
        ["POST /api/v1/habilitations/{id:guid}/withdraw"] = new(Right.Grant),
        ["POST /api/v1/habilitations/{id:guid}/undo"] = new(Right.Grant),
        ["POST /api/v1/machines/{id:guid}/induction"] = new(Right.Grant),
        ["POST /api/v1/inductions/{id:guid}/cancel"] = new(Right.Grant),
        ["POST /api/v1/trainings"] = new(Right.KeepTrainings),
        ["PUT /api/v1/trainings/{id:guid}"] = new(Right.KeepTrainings),
        ["POST /api/v1/trainings/{id:guid}/sessions"] = new(Right.Teach),
        ["PUT /api/v1/training-sessions/{id:guid}"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/cancel"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/resume"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/enrolments"] = new(Right.Enrol),
        ["POST /api/v1/training-sessions/{id:guid}/leave"] = new(Right.Enrol),
        ["POST /api/v1/training-sessions/{id:guid}/arrivals"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/attendance"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/habilitations"] = new(Right.Teach),
        ["POST /api/v1/training-sessions/{id:guid}/habilitations/undo"] = new(Right.Teach),
        ["PUT /api/v1/machines/{id:guid}/rules"] = new(Right.KeepMachines),
        ["PUT /api/v1/machines/{id:guid}/options/{code}"] = new(Right.LockOut),
        ["PUT /api/v1/site/ratio"] = new(Right.KeepLab),
        ["POST /api/v1/machines/{id:guid}/lock-outs"] = new(Right.LockOut),
        ["POST /api/v1/lock-outs/{id:guid}/release"] = new(Right.LockOut),
        ["PUT /api/v1/machines/{id:guid}/service"] = new(Right.Maintain),
        ["PUT /api/v1/machines/{id:guid}/devices"] = new(Right.KeepDevices),
        ["POST /api/v1/ledger/{id:guid}/corrections"] = new(Right.CorrectLedger),
        ["PUT /api/v1/people/{id:guid}/presence"] = new(Right.CheckIn),
        ["DELETE /api/v1/people/{id:guid}/presence"] = new(Right.CheckIn),
        ["POST /api/v1/people/{id:guid}/presence/back"] = new(Right.CheckIn),
        ["POST /api/v1/bookings"] = new(Right.BookOwn),
        ["GET /api/v1/bookings"] = new(Right.BookOwn),
        ["GET /api/v1/bookings/{id:guid}"] = new(Right.BookOwn),
        ["PATCH /api/v1/bookings/{id:guid}"] = new(Right.BookOwn),
        ["DELETE /api/v1/bookings/{id:guid}"] = new(Right.BookOwn),
        ["POST /api/v1/bookings/{id:guid}/restore"] = new(Right.BookOwn),
        ["POST /api/v1/bookings/{id:guid}/waive"] = new(Right.Book),
        ["POST /api/v1/booking-series/preview"] = new(Right.BookOwn),
        ["POST /api/v1/booking-series"] = new(Right.BookOwn),
        ["DELETE /api/v1/booking-series/{id:guid}"] = new(Right.BookOwn),
        ["POST /api/v1/booking-waits"] = new(Right.BookOwn),
        ["GET /api/v1/booking-waits"] = new(Right.BookOwn),
        ["DELETE /api/v1/booking-waits/{id:guid}"] = new(Right.BookOwn),
        ["POST /api/v1/booking-waits/{id:guid}/answer"] = new(Right.BookOwn),
        ["GET /api/v1/bookables"] = new(Right.BookOwn),
        ["GET /api/v1/machines/{id:guid}/free-times"] = new(Right.BookOwn),
        ["GET /api/v1/pools/{id:guid}/free-times"] = new(Right.BookOwn),
        ["GET /api/v1/hours"] = Needed.Nothing,
        ["GET /api/v1/planning"] = Needed.Nothing,
        ["POST /api/v1/bookings/for"] = new(Right.BookOwn),
        ["GET /api/v1/hours/timetable"] = new(Right.CloseDay),
        ["GET /api/v1/machines/{id:guid}/hours"] = new(Right.KeepMachines),
        ["GET /api/v1/machines/{id:guid}/booking-end"] = new(Right.KeepMachines),
        ["GET /api/v1/booking-terms/{scope}"] = new(Right.KeepMachines),
        ["GET /api/v1/site/claim-window"] = new(Right.KeepHours),
        ["GET /api/v1/booking-quotas"] = new(Right.KeepHours),
        ["GET /api/v1/resources"] = new(Right.KeepHours),
        ["PUT /api/v1/hours"] = new(Right.CloseDay),
        ["POST /api/v1/hours/undo"] = new(Right.CloseDay),
        ["PUT /api/v1/hours/school-holidays"] = new(Right.KeepHours),
        ["DELETE /api/v1/hours/school-holidays"] = new(Right.KeepHours),
        ["PUT /api/v1/machines/{id:guid}/hours"] = new(Right.KeepMachines),
        ["POST /api/v1/machines/{id:guid}/hours/undo"] = new(Right.KeepMachines),
        ["PUT /api/v1/booking-terms/{scope}"] = new(Right.KeepMachines),
        ["PUT /api/v1/machines/{id:guid}/booking-end"] = new(Right.KeepMachines),
        ["PUT /api/v1/site/claim-window"] = new(Right.KeepHours),
        ["PUT /api/v1/booking-quotas/{id:guid}"] = new(Right.KeepHours),
        ["DELETE /api/v1/booking-quotas/{id:guid}"] = new(Right.KeepHours),
        ["PUT /api/v1/resources/{id:guid}"] = new(Right.KeepHours),
        ["PUT /api/v1/machines/{id:guid}/room"] = new(Right.KeepHours),
        ["PUT /api/v1/pools/{id:guid}"] = new(Right.KeepHours),
        ["POST /api/v1/alarms/seen"] = new(Right.SeeAlarms),
        ["POST /api/v1/people/{id:guid}/badge-enrolments"] = new(Right.KeepBadges),
        ["DELETE /api/v1/badge-enrolments/{id:guid}"] = new(Right.KeepBadges),
        ["PUT /api/v1/machines/{id:guid}/care"] = new(Right.KeepMachines),
        ["POST /api/v1/machine-jobs/{id:guid}/maker"] = new(Right.ClaimJobs),
        ["POST /api/v1/machines/{id:guid}/maintenance"] = new(Right.Maintain),
        ["POST /api/v1/fault-reports/{id:guid}/close"] = new(Right.SeeAlarms),
        ["GET /api/v1/devices/found"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/adopt"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/enrol"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/withdraw"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/test"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/firmware"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/allow"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/replace"] = new(Right.KeepDevices),
        ["POST /api/v1/devices/door"] = new(Right.KeepDevices),
        ["POST /api/v1/sign-in-links"] = new(Right.GiveSignIn),
        ["POST /api/v1/lab/import"] = new(Right.KeepLab),
        ["PUT /api/v1/people/{id:guid}/minor"] = new(Right.KeepMinors),
        ["POST /api/v1/people/{id:guid}/minor/contacts"] = new(Right.KeepMinors),
        ["DELETE /api/v1/minor-contacts/{id:guid}"] = new(Right.KeepMinors),
        ["POST /api/v1/people/{id:guid}/minor/consents"] = new(Right.KeepMinors),
        ["POST /api/v1/minor-consents/{id:guid}/withdraw"] = new(Right.KeepMinors),
        ["GET /api/v1/people/{id:guid}/data"] = new(Right.ExportPeople),
        ["POST /api/v1/people/import"] = new(Right.KeepLab),
        ["POST /api/v1/people/{id:guid}/erasure"] = new(Right.ErasePeople),
        ["GET /api/v1/webhooks"] = new(Right.KeepLab),
        ["POST /api/v1/webhooks"] = new(Right.KeepLab),
        ["PUT /api/v1/webhooks/{id:guid}"] = new(Right.KeepLab),
        ["DELETE /api/v1/webhooks/{id:guid}"] = new(Right.KeepLab),
        ["POST /api/v1/webhooks/{id:guid}/restore"] = new(Right.KeepLab),
        ["POST /api/v1/webhooks/{id:guid}/secret"] = new(Right.KeepLab),
        ["POST /api/v1/webhooks/{id:guid}/test"] = new(Right.KeepLab),
        ["GET /api/v1/webhooks/{id:guid}/deliveries"] = new(Right.KeepLab),
        ["POST /api/v1/webhook-deliveries/{id:guid}/resend"] = new(Right.KeepLab),
        ["GET /api/v1/calendar"] = new(Right.OwnAccount),
        ["POST /api/v1/calendar"] = new(Right.OwnAccount),
        ["DELETE /api/v1/calendar"] = new(Right.OwnAccount),
        ["GET /api/v1/messages"] = new(Right.OwnAccount),
        ["POST /api/v1/messages/{id:guid}/read"] = new(Right.OwnAccount),
        ["POST /api/v1/messages/{id:guid}/unread"] = new(Right.OwnAccount),
        ["POST /api/v1/messages/read"] = new(Right.OwnAccount),
        ["POST /api/v1/messages/unread"] = new(Right.OwnAccount),
        ["GET /api/v1/messages/settings"] = new(Right.OwnAccount),
        ["PUT /api/v1/messages/settings"] = new(Right.OwnAccount),
        ["PUT /api/v1/programmes/{id:guid}"] = new(Right.KeepProgrammes),
        ["PUT /api/v1/funders/{id:guid}"] = new(Right.KeepProgrammes),
        ["PUT /api/v1/partners/{id:guid}"] = new(Right.KeepProgrammes),
        ["PUT /api/v1/skills/{id:guid}"] = new(Right.KeepProgrammes),
        ["PUT /api/v1/people/{id:guid}/pathway"] = new(Right.SeePeople),
        ["POST /api/v1/group-sessions"] = new(Right.PrepareSessions),
        ["PUT /api/v1/group-sessions/{id:guid}"] = new(Right.PrepareSessions),
        ["POST /api/v1/group-sessions/{id:guid}/accept"] = new(Right.KeepProgrammes),
        ["POST /api/v1/group-sessions/{id:guid}/cancel"] = new(Right.PrepareSessions),
        ["POST /api/v1/group-sessions/{id:guid}/resume"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/list"] = new(Right.PrepareSessions),
        ["POST /api/v1/group-sessions/{id:guid}/list/copy"] = new(Right.PrepareSessions),
        ["POST /api/v1/group-sessions/{id:guid}/list/remove"] = new(Right.PrepareSessions),
        ["POST /api/v1/group-sessions/{id:guid}/list/details"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/open"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/end"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/undo"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/mentors"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/marks"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/departures"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/departures/undo"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/skills"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/signatures"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/signatures/undo"] = new(Right.LeadSessions),
        ["POST /api/v1/group-sessions/{id:guid}/correction"] = new(Right.LeadSessions),
        ["PUT /api/v1/group-sessions/{id:guid}/counts"] = new(Right.LeadSessions),
        ["PUT /api/v1/group-sessions/{id:guid}/sheet"] = new(Right.LeadSessions),

        ["GET /"] = Needed.Nothing,
        ["GET /live"] = Needed.Nothing,
        ["GET /live/floor"] = Needed.Nothing,
        ["GET /live/counts"] = Needed.Nothing,
        ["GET /live/machines/{code}"] = Needed.Nothing,
        ["GET /machines/{code}"] = Needed.Nothing,
        ["POST /machines/{code}/lock-out"] = new(Right.LockOut),
        ["POST /machines/{code}/release"] = new(Right.LockOut),
        ["GET /machines/{code}/sheet"] = Needed.Nothing,
        ["GET /machines/{code}/fault-qr.svg"] = Needed.Nothing,
        ["GET /machines/{code}/fault"] = Needed.Nothing,
        ["POST /machines/{code}/fault"] = Needed.Nothing,
        ["GET /machines/{code}/jobs"] = new(Right.ClaimJobs),
        ["POST /machines/{code}/jobs/{id:guid}"] = new(Right.ClaimJobs),
        ["POST /machines/{code}/jobs/{id:guid}/give-back"] = new(Right.ClaimJobs),
        ["GET /machines/{code}/care"] = new(Right.SeeAlarms),
        ["POST /machines/{code}/care"] = new(Right.KeepMachines),
        ["POST /machines/{code}/maintenance"] = new(Right.Maintain),
        ["POST /machines/{code}/service"] = new(Right.Maintain),
        ["POST /machines/{code}/fault-close"] = new(Right.SeeAlarms),
        ["GET /fault-reports/{id:guid}/photo"] = new(Right.SeeAlarms),
        ["GET /people/{id:guid}/badges"] = new(Right.KeepBadges),
        ["GET /people/{id:guid}/badges/wait/{wait:guid}"] = new(Right.KeepBadges),
        ["POST /people/{id:guid}/badges/wait"] = new(Right.KeepBadges),
        ["POST /people/{id:guid}/badges/wait/{wait:guid}/stop"] = new(Right.KeepBadges),
        ["POST /people/{id:guid}/badges/enrol"] = new(Right.KeepBadges),
        ["POST /people/{id:guid}/badges/change"] = new(Right.KeepBadges),
        ["GET /devices"] = new(Right.KeepDevices),
        ["GET /devices/{device}"] = new(Right.KeepDevices),
        ["GET /device-discovery"] = new(Right.KeepDevices),
        ["POST /device-discovery"] = new(Right.KeepDevices),
        ["GET /device-enrolment"] = new(Right.KeepDevices),
        ["POST /device-enrolment"] = new(Right.KeepDevices),
        ["POST /devices/bind"] = new(Right.KeepDevices),
        ["POST /devices/unbind"] = new(Right.KeepDevices),
        ["POST /devices/replace"] = new(Right.KeepDevices),
        ["POST /devices/withdraw"] = new(Right.KeepDevices),
        ["POST /devices/test"] = new(Right.KeepDevices),
        ["POST /devices/firmware"] = new(Right.KeepDevices),
        ["POST /devices/allow"] = new(Right.KeepDevices),
        ["POST /devices/door"] = new(Right.KeepDevices),
        ["GET /people/new"] = new(Right.KeepPeople),
        ["POST /people/new"] = new(Right.KeepPeople),
        ["POST /people/{id:guid}/contact"] = new(Right.KeepPeople),
        ["GET /groups"] = new(Right.KeepGroups),
        ["POST /groups"] = new(Right.KeepGroups),
        ["GET /groups/{id:guid}"] = new(Right.KeepGroups),
        ["POST /groups/{id:guid}/find"] = new(Right.KeepGroups),
        ["POST /groups/{id:guid}/place"] = new(Right.KeepGroups),
        ["POST /groups/{id:guid}/remove"] = new(Right.KeepGroups),
        ["POST /groups/{id:guid}/set"] = new(Right.KeepGroups),
        ["POST /people"] = new(Right.FindPeople),
        ["GET /people"] = new(Right.FindPeople),
        ["GET /people/{id:guid}"] = new(Right.SeePeople),
        ["POST /people/{id:guid}/habilitations/grant"] = new(Right.Grant),
        ["POST /people/{id:guid}/habilitations/withdraw"] = new(Right.Grant),
        ["GET /people/{id:guid}/passport"] = new(Right.SeePeople),
        ["GET /habilitations"] = new(Right.FindPeople),
        ["POST /habilitations"] = new(Right.FindPeople),
        ["POST /habilitations/set"] = new(Right.Grant),
        ["POST /habilitations/undo"] = new(Right.Grant),
        ["GET /habilitations/expiring"] = new(Right.Grant),
        ["POST /habilitations/renew"] = new(Right.Grant),
        ["GET /trainings"] = new(Right.SeeTrainings),
        ["GET /trainings/{id:guid}"] = new(Right.SeeTrainings),
        ["POST /trainings/{id:guid}/sessions"] = new(Right.Teach),
        ["GET /trainings/new"] = new(Right.KeepTrainings),
        ["POST /trainings/new"] = new(Right.KeepTrainings),
        ["GET /trainings/{id:guid}/edit"] = new(Right.KeepTrainings),
        ["POST /trainings/{id:guid}/edit"] = new(Right.KeepTrainings),
        ["GET /trainings/sessions/{id:guid}"] = new(Right.SeeTrainings),
        ["POST /trainings/sessions/{id:guid}/find"] = new(Right.FindPeople),
        ["POST /trainings/sessions/{id:guid}/enrol"] = new(Right.Enrol),
        ["POST /trainings/sessions/{id:guid}/leave"] = new(Right.Enrol),
        ["POST /trainings/sessions/{id:guid}/add"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/attendance"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/give"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/give/undo"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/change"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/cancel"] = new(Right.Teach),
        ["POST /trainings/sessions/{id:guid}/resume"] = new(Right.Teach),
        ["GET /machines/{code}/train"] = new(Right.Grant),
        ["POST /machines/{code}/train"] = new(Right.Grant),
        ["POST /machines/{code}/train/cancel"] = new(Right.Grant),
        ["GET /machines/{code}/rules"] = new(Right.KeepMachines),
        ["POST /machines/{code}/rules"] = new(Right.KeepMachines),
        ["POST /machines/{code}/rules/ratio"] = new(Right.KeepLab),
        ["POST /machines/{code}/options"] = new(Right.LockOut),
        ["GET /hours"] = Needed.Nothing,
        ["GET /hours/manage"] = new(Right.CloseDay),
        ["POST /hours/day"] = new(Right.CloseDay),
        ["POST /hours/closures"] = new(Right.CloseDay),
        ["POST /hours/closures/remove"] = new(Right.CloseDay),
        ["POST /hours/undo"] = new(Right.CloseDay),
        ["GET /hours/week"] = new(Right.KeepHours),
        ["POST /hours/week"] = new(Right.KeepHours),
        ["POST /hours/school"] = new(Right.KeepHours),
        ["POST /hours/school/remove"] = new(Right.KeepHours),
        ["GET /machines/{code}/hours"] = new(Right.KeepMachines),
        ["POST /machines/{code}/hours"] = new(Right.KeepMachines),
        ["POST /machines/{code}/hours/undo"] = new(Right.KeepMachines),
        ["POST /machines/{code}/terms"] = new(Right.KeepMachines),
        ["POST /machines/{code}/hours/day"] = new(Right.KeepMachines),
        ["POST /machines/{code}/booking-end"] = new(Right.KeepMachines),
        ["GET /booking-rules"] = new(Right.KeepHours),
        ["GET /booking-rules/terms"] = new(Right.KeepHours),
        ["POST /booking-rules/terms"] = new(Right.KeepHours),
        ["POST /booking-rules/claim"] = new(Right.KeepHours),
        ["POST /booking-rules/quota"] = new(Right.KeepHours),
        ["POST /booking-rules/quota/remove"] = new(Right.KeepHours),
        ["GET /resources"] = new(Right.KeepHours),
        ["POST /resources"] = new(Right.KeepHours),
        ["POST /resources/room"] = new(Right.KeepHours),
        ["POST /resources/pool"] = new(Right.KeepHours),
        ["GET /book"] = new(Right.BookOwn),
        ["POST /book/for"] = new(Right.BookOwn),
        ["GET /book/{key}"] = new(Right.BookOwn),
        ["POST /book/{key}"] = new(Right.BookOwn),
        ["POST /book/{key}/wait"] = new(Right.BookOwn),
        ["POST /book/{key}/series"] = new(Right.BookOwn),
        ["POST /book/{key}/series/book"] = new(Right.BookOwn),
        ["GET /bookings/mine"] = new(Right.BookOwn),
        ["GET /bookings/{id:guid}"] = new(Right.BookOwn),
        ["POST /bookings/{id:guid}/change"] = new(Right.BookOwn),
        ["POST /bookings/{id:guid}/end"] = new(Right.BookOwn),
        ["POST /bookings/{id:guid}/cancel"] = new(Right.BookOwn),
        ["POST /bookings/{id:guid}/restore"] = new(Right.BookOwn),
        ["POST /bookings/{id:guid}/waive"] = new(Right.Book),
        ["POST /bookings/series/{id:guid}/cancel"] = new(Right.BookOwn),
        ["POST /bookings/waits/{id:guid}/take"] = new(Right.BookOwn),
        ["POST /bookings/waits/{id:guid}/leave"] = new(Right.BookOwn),
        ["GET /planning"] = new(Right.Book),
        ["GET /planning/public"] = Needed.Nothing,
        ["GET /planning/wall"] = Needed.Nothing,
        ["GET /ledger"] = new(Right.SeeFigures),
        ["GET /ledger.csv"] = new(Right.SeeFigures),
        ["GET /ledger/{id:guid}/correct"] = new(Right.CorrectLedger),
        ["POST /ledger/{id:guid}/correct"] = new(Right.CorrectLedger),
        ["GET /reports"] = new(Right.SeeFigures),
        ["GET /reports/rows"] = new(Right.KeepDoor),
        ["GET /reports/cra.csv"] = new(Right.KeepProgrammes),
        ["GET /reports/uses"] = new(Right.KeepDoor),
        ["GET /reports/links"] = new(Right.KeepProgrammes),
        ["POST /reports/links"] = new(Right.KeepProgrammes),
        ["POST /reports/links/revoke"] = new(Right.KeepProgrammes),
        ["POST /reports/links/restore"] = new(Right.KeepProgrammes),
        ["GET /reports/shared/{secret}"] = Needed.Nothing,
        ["GET /people/{id:guid}/details"] = new(Right.KeepDetails),
        ["POST /people/{id:guid}/details"] = new(Right.KeepDetails),
        ["GET /people/{id:guid}/recognition"] = new(Right.SeePeople),
        ["POST /people/{id:guid}/recognition"] = new(Right.KeepProgrammes),
        ["GET /recognition/{id:guid}/badge.png"] = new(Right.SeePeople),
        ["GET /recognition/{id:guid}/badge.jwt"] = new(Right.SeePeople),
        ["GET /recognition/{id:guid}/paper"] = new(Right.SeePeople),
        ["POST /recognition/revoke"] = new(Right.KeepProgrammes),
        ["POST /recognition/restore"] = new(Right.KeepProgrammes),
        ["GET /recognition/keys"] = new(Right.KeepLab),
        ["POST /recognition/keys"] = new(Right.KeepLab),
        ["GET /recognition/verify"] = Needed.Nothing,
        ["POST /recognition/verify"] = Needed.Nothing,
        ["GET /recognition/{id:guid}"] = Needed.Nothing,
        ["GET /recognition/issuer"] = Needed.Nothing,
        ["GET /recognition/jwks.json"] = Needed.Nothing,
        ["GET /recognition/keys/{key}"] = Needed.Nothing,
        ["GET /recognition/skills/{id:guid}"] = Needed.Nothing,
        ["GET /recognition/status"] = Needed.Nothing,
        ["GET /volunteering"] = new(Right.KeepVolunteering),
        ["GET /volunteering.csv"] = new(Right.KeepVolunteering),
        ["GET /people/{id:guid}/volunteering"] = new(Right.KeepVolunteering),
        ["POST /people/{id:guid}/volunteering"] = new(Right.KeepVolunteering),
        ["POST /volunteering/take-out"] = new(Right.KeepVolunteering),
        ["POST /volunteering/restore"] = new(Right.KeepVolunteering),
        ["GET /alarms"] = new(Right.SeeAlarms),
        ["POST /alarms/seen"] = new(Right.SeeAlarms),
        ["GET /sign-in"] = Needed.Nothing,
        ["POST /sign-in"] = Needed.Nothing,
        ["POST /sign-in/demo"] = Needed.Nothing,
        ["GET /sign-in/link"] = Needed.Nothing,
        ["POST /sign-in/link"] = Needed.Nothing,
        ["POST /sign-out"] = Needed.Nothing,
        ["GET /webhooks"] = new(Right.KeepLab),
        ["POST /webhooks"] = new(Right.KeepLab),
        ["GET /webhooks/{id:guid}"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}/secret"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}/test"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}/remove"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}/restore"] = new(Right.KeepLab),
        ["POST /webhooks/{id:guid}/resend"] = new(Right.KeepLab),
        ["GET /sites"] = new(Right.KeepLab),
        ["POST /sites"] = new(Right.KeepLab),
        ["POST /sites/{number:int}"] = new(Right.KeepLab),
        ["POST /sites/things"] = new(Right.KeepLab),
        ["POST /api/v1/sites"] = new(Right.KeepLab),
        ["PUT /api/v1/sites/{number:int}"] = new(Right.KeepLab),
        ["PUT /api/v1/sites/things"] = new(Right.KeepLab),
        ["GET /front-desk"] = new(Right.KeepDoor),
        ["GET /front-desk/evacuation"] = new(Right.KeepDoor),
        ["POST /front-desk/calls"] = new(Right.KeepDoor),
        ["POST /front-desk/left"] = new(Right.KeepDoor),
        ["POST /front-desk/back"] = new(Right.KeepDoor),
        ["POST /front-desk/count"] = new(Right.KeepDoor),
        ["GET /front-desk/visits/{id:guid}"] = new(Right.KeepDoor),
        ["POST /front-desk/visits/{id:guid}"] = new(Right.KeepDoor),
        ["GET /front-desk/pin"] = new(Right.KeepDoor),
        ["POST /front-desk/pin"] = new(Right.KeepDoor),
        ["GET /front-desk/reasons"] = new(Right.KeepLab),
        ["POST /front-desk/reasons"] = new(Right.KeepLab),
        ["GET /account/door-code"] = new(Right.OwnAccount),
        ["GET /account/calendar"] = new(Right.OwnAccount),
        ["POST /account/calendar"] = new(Right.OwnAccount),
        ["POST /account/calendar/revoke"] = new(Right.OwnAccount),
        ["GET /calendar/{secret}.ics"] = Needed.Nothing,
        ["GET /agenda.ics"] = Needed.Nothing,
        ["GET /messages"] = new(Right.OwnAccount),
        ["POST /messages/read"] = new(Right.OwnAccount),
        ["POST /messages/unread"] = new(Right.OwnAccount),
        ["GET /messages/settings"] = new(Right.OwnAccount),
        ["POST /messages/settings"] = new(Right.OwnAccount),
        ["GET /sessions"] = new(Right.PrepareSessions),
        ["GET /sessions/new"] = new(Right.PrepareSessions),
        ["POST /sessions/new"] = new(Right.PrepareSessions),
        ["GET /sessions/{id:guid}"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/find"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/edit"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/cancel"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/resume"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/add"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/copy"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/remove"] = new(Right.PrepareSessions),
        ["GET /sessions/{id:guid}/edit"] = new(Right.PrepareSessions),
        ["POST /sessions/{id:guid}/accept"] = new(Right.KeepProgrammes),
        ["POST /sessions/{id:guid}/open"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/end"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/undo"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/mentor"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/mark"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/leave"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/back"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/count"] = new(Right.LeadSessions),
        ["GET /sessions/{id:guid}/line"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/line"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/notes"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/skill"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/correct"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/sign"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/unsign"] = new(Right.LeadSessions),
        ["GET /sessions/{id:guid}/sheet"] = new(Right.LeadSessions),
        ["GET /sessions/{id:guid}/sheet.csv"] = new(Right.LeadSessions),
        ["GET /sessions/{id:guid}/sign"] = new(Right.LeadSessions),
        ["POST /sessions/{id:guid}/grant"] = new(Right.Grant),
        ["GET /programmes"] = new(Right.PrepareSessions),
        ["GET /programmes/{id:guid}"] = new(Right.PrepareSessions),
        ["POST /programmes"] = new(Right.KeepProgrammes),
        ["POST /programmes/catalogue"] = new(Right.KeepProgrammes),
        ["POST /programmes/{id:guid}"] = new(Right.KeepProgrammes),
        ["POST /programmes/{id:guid}/step"] = new(Right.KeepProgrammes),
        ["GET /people/{id:guid}/pathway"] = new(Right.SeePeople),
        ["POST /people/{id:guid}/pathway"] = new(Right.SeePeople),
        ["GET /people/{id:guid}/attendance"] = new(Right.SeePeople),
        ["GET /account"] = new(Right.OwnAccount),
        ["POST /account/password"] = new(Right.OwnAccount),
        ["POST /account/passkeys/remove"] = new(Right.OwnAccount),
        ["POST /account/totp"] = new(Right.OwnAccount),
        ["POST /account/totp/on"] = new(Right.OwnAccount),
        ["POST /account/totp/off"] = new(Right.OwnAccount),
        ["POST /account/sign-out-others"] = new(Right.OwnAccount),
        ["GET /sign-in/second"] = Needed.Nothing,
        ["POST /sign-in/second"] = Needed.Nothing,
        ["GET /sign-in/short-code"] = Needed.Nothing,
        ["POST /sign-in/short-code"] = Needed.Nothing,
        ["POST /people/{id:guid}/sign-in"] = new(Right.GiveSignIn),
        ["GET /people/{id:guid}/account"] = new(Right.KeepAccounts),
        ["POST /people/{id:guid}/account"] = new(Right.KeepAccounts),

        ["GET /people/{id:guid}/minor"] = new(Right.SeeMinors),
        ["POST /people/{id:guid}/minor"] = new(Right.KeepMinors),
        ["POST /people/{id:guid}/minor/contacts"] = new(Right.KeepMinors),
        ["POST /people/{id:guid}/minor/contacts/remove"] = new(Right.KeepMinors),
        ["POST /people/{id:guid}/minor/consents"] = new(Right.KeepMinors),
        ["POST /people/{id:guid}/minor/consents/withdraw"] = new(Right.KeepMinors),
        ["POST /people/{id:guid}/minor/consents/restore"] = new(Right.KeepMinors),
        ["GET /people/{id:guid}/data"] = new(Right.ExportPeople),
        ["GET /people/{id:guid}/data.json"] = new(Right.ExportPeople),
        ["POST /people/{id:guid}/erase"] = new(Right.ErasePeople),
        ["GET /traces"] = new(Right.SeeAudit),
        ["POST /traces/check"] = new(Right.SeeAudit),
        ["GET /erasures/{id:guid}"] = new(Right.SeeAudit),
        ["GET /people/import"] = new(Right.KeepLab),
        ["POST /people/import"] = new(Right.KeepLab),

        ["GET /assets/{version}/{**path}"] = Needed.Nothing,
        ["GET /health"] = Needed.Nothing,
        ["GET /openapi/{documentName}.json"] = Needed.Nothing,
    };

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_and_page_lets_in_exactly_the_roles_that_have_its_right()
    {
        // Nobody, a gateway and a kiosk ask for each of them within one minute.
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:AnonymousPerMinute"] = "100000" });
        var lab = await RoleLab.InAsync(host);
        using var nobody = host.Browser();
        await BookingHost.TakeTokenAsync(nobody);
        using var gateway = host.WithGatewayKey();
        using var kiosk = host.WithKioskKey();
        var browsers = new Dictionary<Role, HttpClient>();
        foreach (var role in Rights.Roles)
            browsers[role] = await host.StaffBrowserAsync(RoleLab.LoginOf(role));

        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), Endpoints(host).Order(StringComparer.Ordinal));
        Assert.Equal(
            Table.Where(line => line.Value.Right is not null).Select(line => $"{line.Key}: {line.Value.Right}").Order(StringComparer.Ordinal),
            RightsNamed(host).Order(StringComparer.Ordinal));
        // Last, because it ends the sign-in of the browser.
        foreach (var (endpoint, needed) in Table.OrderBy(line => line.Key is "POST /api/v1/sign-out"))
        {
            Assert.True((needed == Needed.Nothing) == await LetsInAsync(nobody, endpoint), $"nobody: {endpoint}");
            foreach (var (role, browser) in browsers)
            {
                var may = needed == Needed.Nothing || (needed.Right is { } right && Rights.Of(role, right) != Reach.None);
                Assert.True(may == await LetsInAsync(browser, endpoint), $"{role}: {endpoint}");
            }
            if (needed == Needed.Nothing)
                continue;
            Assert.True((needed == Needed.Key) == await LetsInAsync(gateway, endpoint), $"gateway: {endpoint}");
            Assert.True((needed == Needed.KioskKey) == await LetsInAsync(kiosk, endpoint), $"kiosk: {endpoint}");
        }
        foreach (var browser in browsers.Values)
            browser.Dispose();
    }

    /// <summary>The table once more, in other words: a slip in it shows here.</summary>
    [Theory]
    [InlineData(Role.Manager, "", "OwnAccount SeeTrainings SeePeople FindPeople SeeUsers KeepPeople KeepBadges CheckIn KeepDoor Grant Teach Enrol KeepTrainings Book BookOwn CloseDay KeepHours LockOut Maintain KeepMachines KeepDevices SeeFigures CorrectLedger SeeAlarms SeeMinors KeepMinors KeepGroups GiveSignIn KeepAccounts SeeAudit ErasePeople KeepLab ExportPeople KeepProgrammes PrepareSessions LeadSessions KeepDetails KeepVolunteering ClaimJobs")]
    [InlineData(Role.FrontDesk, "GiveSignIn ExportPeople", "OwnAccount SeeTrainings SeePeople FindPeople SeeUsers KeepPeople KeepBadges CheckIn KeepDoor Enrol Book BookOwn CloseDay LockOut SeeFigures CorrectLedger SeeAlarms SeeMinors KeepMinors KeepGroups KeepProgrammes PrepareSessions LeadSessions KeepDetails KeepVolunteering ClaimJobs")]
    [InlineData(Role.Trainer, "SeeUsers Grant Teach Enrol BookOwn LockOut ExportPeople PrepareSessions LeadSessions KeepDetails KeepVolunteering ClaimJobs", "OwnAccount SeeTrainings SeePeople FindPeople SeeFigures")]
    [InlineData(Role.MachineLead, "SeePeople SeeUsers LockOut Maintain KeepMachines Enrol BookOwn SeeAlarms ExportPeople KeepDetails KeepVolunteering ClaimJobs", "OwnAccount SeeTrainings SeeFigures")]
    [InlineData(Role.Mentor, "SeePeople FindPeople CheckIn Enrol BookOwn SeeMinors ExportPeople PrepareSessions LeadSessions KeepDetails KeepVolunteering ClaimJobs", "OwnAccount SeeTrainings")]
    [InlineData(Role.Partner, "SeePeople FindPeople ExportPeople PrepareSessions KeepDetails", "OwnAccount SeeTrainings")]
    [InlineData(Role.Member, "SeePeople Enrol BookOwn ExportPeople KeepDetails KeepVolunteering ClaimJobs", "OwnAccount SeeTrainings")]
    [InlineData(Role.Observer, "ExportPeople KeepDetails", "OwnAccount SeeTrainings SeeFigures")]
    [InlineData(Role.Trainer | Role.FrontDesk, "Grant Teach GiveSignIn ExportPeople", "OwnAccount SeeTrainings SeePeople FindPeople SeeUsers KeepPeople KeepBadges CheckIn KeepDoor Enrol Book BookOwn CloseDay LockOut SeeFigures CorrectLedger SeeAlarms SeeMinors KeepMinors KeepGroups KeepProgrammes PrepareSessions LeadSessions KeepDetails KeepVolunteering ClaimJobs")]
    public void Each_role_has_these_rights_and_nothing_more(Role role, string own, string all)
    {
        Assert.Equal(own.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), Enum.GetValues<Right>().Where(right => Rights.Of(role, right) == Reach.Own).Select(right => right.ToString()).Order());
        Assert.Equal(all.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(), Enum.GetValues<Right>().Where(right => Rights.Of(role, right) == Reach.All).Select(right => right.ToString()).Order());
    }

    [Fact]
    public async Task A_broken_body_gets_a_client_error_with_a_code_and_never_a_fault()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        using var gateway = host.WithGatewayKey();
        using var kiosk = host.WithKioskKey();
        string[] bodies =
        [
            "", "nonsense", "[]", "\"text\"", "null", "{}", "{\"version\":\"one\"}", "{\"version\":-1}", "{\"evidence\":17}",
            "{\"machine\":\"00000000-0000-0000-0000-000000000000\",\"start\":-99999999999999,\"end\":-1}", "{\"start\":99999999999999999999}",
            "{\"level\":\"emperor\"}", "{\"number\":\"\\ud800\"}", "{\"devices\":[null]}", "{\"records\":[null],\"epoch\":1}", "{\"epoch\":-1,\"records\":[]}",
            "{\"sentAt\":1,\"items\":[null,1,{}]}", "{\"sentAt\":-99999999999999,\"items\":[]}", "{\"reasons\":[null]}", "{\"pin\":\"12\"}", "{\"ageBand\":\"old\"}",
            "{\"shortCode\":\"\\u0000\"}", "{\"displayName\":\"" + new string('x', 500) + "\"}", "{\"reason\":\"\\u0007\"}",
            string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200),
        ];

        foreach (var endpoint in Table.Keys.Where(key => key.Contains(" /api/", StringComparison.Ordinal) && !key.StartsWith("GET", StringComparison.Ordinal) && key is not "POST /api/v1/sign-out"))
        {
            foreach (var body in bodies)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await SendAsync(Table[endpoint] == Needed.Key ? gateway : Table[endpoint] == Needed.KioskKey ? kiosk : manager, endpoint, content);
                Assert.True((int)answer.StatusCode < 500, $"{endpoint} with {body[..Math.Min(body.Length, 60)]} gave {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
                if (!answer.IsSuccessStatusCode)
                    Assert.False(string.IsNullOrEmpty((await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString()), endpoint);
            }
        }
    }

    [Fact]
    public async Task An_oversized_body_is_refused_before_it_is_read()
    {
        await using var host = await BookingHost.StartAsync();
        await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        using var gateway = host.WithGatewayKey();

        using var person = await manager.PostAsync("api/v1/people", new StringContent("{\"displayName\":\"" + new string('x', 200_000) + "\"}", Encoding.UTF8, "application/json"), Cancel);
        using var journal = await gateway.PostAsync("api/v1/gateways/lab/journal", new ByteArrayContent(new byte[JournalBatch.MaxBytes + 1]), Cancel);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "api/v1/people") { Content = new StringContent("{\"displayName\":\"" + new string('x', 200_000) + "\"}", Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        using var unannounced = await manager.SendAsync(chunked, Cancel);

        Assert.All(new[] { person, journal, unannounced }, answer => Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode));
        Assert.Equal(ProblemCodes.TooLarge, (await person.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Unknown_ids_and_addresses_and_methods_have_their_codes()
    {
        await using var host = await BookingHost.StartAsync();
        var lab = await SmallLab.InAsync(host);
        using var manager = await host.StaffBrowserAsync("g01");
        var nothing = Guid.NewGuid();

        Assert.Equal("person_unknown", await CodeAsync(manager.PutAsync($"api/v1/people/{nothing}/presence", null, Cancel)));
        Assert.Equal("machine_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/machines/{nothing}/lock-outs", new { cause = "x" }, Cancel)));
        Assert.Equal("training_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/people/{lab.Ada}/habilitations", new { training = nothing, level = "autonomous", evidence = "x" }, Cancel)));
        Assert.Equal("ledger_row_unknown", await CodeAsync(manager.PostAsJsonAsync($"api/v1/ledger/{nothing}/corrections", new { reason = "x" }, Cancel)));
        Assert.Equal("not_found", await CodeAsync(manager.GetAsync("api/v1/no-such-thing", Cancel)));
        Assert.Equal("method_not_allowed", await CodeAsync(manager.DeleteAsync("api/v1/people", Cancel)));
        Assert.Equal("media_type", await CodeAsync(manager.PostAsync("api/v1/people", new StringContent("{}", Encoding.UTF8, "text/plain"), Cancel)));
    }

    [Fact]
    public async Task A_gateway_key_opens_only_its_own_gateway()
    {
        await using var host = await BookingHost.StartAsync(settings: new Dictionary<string, string?> { ["Booking:Gateways:1"] = "annexe" });
        using var wrong = host.WithGatewayKey("annexe");
        using var none = host.Browser();
        using var nonsense = host.Browser();
        nonsense.DefaultRequestHeaders.Authorization = new("Bearer", new string('a', 64));

        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(wrong.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(none.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        Assert.Equal(ProblemCodes.GatewayUnknown, await CodeAsync(nonsense.GetAsync("api/v1/gateways/lab/policy", Cancel)));
        using var right = await wrong.GetAsync("api/v1/gateways/annexe/policy", Cancel);
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
    }

    [Fact]
    public async Task A_bad_question_to_the_feed_is_refused()
    {
        await using var host = await BookingHost.StartAsync();
        using var gateway = host.WithGatewayKey();

        foreach (var query in new[] { "since=-1", "wait=-1", "wait=61", "since=abc", "since=99999999999999999999", "wait=1.5" })
        {
            using var answer = await gateway.GetAsync($"api/v1/gateways/lab/policy?{query}", Cancel);
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, query);
        }
    }

    [Fact]
    public async Task The_document_of_the_api_is_the_approved_one()
    {
        await using var host = await BookingHost.StartAsync();
        using var browser = host.Browser();

        var document = await browser.GetFromJsonAsync<JsonNode>("openapi/v1.json", Cancel);

        // The shape is the contract; how its words are explained may change freely.
        DropDescriptions(document!);
        Assert.Null(await Approved.DifferenceAsync(JsonSerializer.Serialize(document, Readable), "openapi", "json"));
    }

    private static void DropDescriptions(JsonNode node)
    {
        if (node is JsonObject thing)
        {
            if (thing["description"] is JsonValue)
                thing.Remove("description");
            foreach (var (_, child) in thing.ToList())
            {
                if (child is not null)
                    DropDescriptions(child);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (var child in list.OfType<JsonNode>())
                DropDescriptions(child);
        }
    }

    private static IEnumerable<(string Key, RouteEndpoint Endpoint)> All(BookingHost host) =>
        from endpoint in host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        where method != "HEAD"
        select ($"{method} {pattern}", endpoint);

    private static IEnumerable<string> Endpoints(BookingHost host) => All(host).Select(one => one.Key).Distinct();

    private static IEnumerable<string> RightsNamed(BookingHost host) =>
        from one in All(host)
        let needs = one.Endpoint.Metadata.GetMetadata<NeedsRight>()
        where needs is not null
        select $"{one.Key}: {needs.Right}";

    private static async Task<bool> LetsInAsync(HttpClient client, string endpoint)
    {
        using HttpContent content = endpoint.Contains(" /api/", StringComparison.Ordinal)
            ? new StringContent("{}", Encoding.UTF8, "application/json")
            : new FormUrlEncodedContent([]);
        using var answer = await SendAsync(client, endpoint, content);
        if (!endpoint.Contains(" /api/", StringComparison.Ordinal))
        {
            return answer.StatusCode != HttpStatusCode.Forbidden
                && !(answer.Headers.Location is { } to && to.ToString().Contains("/sign-in?", StringComparison.Ordinal));
        }
        if (answer.IsSuccessStatusCode)
            return true;
        var code = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString();
        return code is not (ProblemCodes.SignInNeeded or ProblemCodes.NotAllowed or ProblemCodes.GatewayUnknown or ProblemCodes.KioskUnknown or ProblemCodes.ForgeryToken);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string endpoint, HttpContent content)
    {
        var parts = endpoint.Split(' ');
        var address = parts[1].Replace("{gateway}", BookingHost.Gateway, StringComparison.Ordinal).Replace("{id:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal)
            .Replace("{wait:guid}", Guid.NewGuid().ToString(), StringComparison.Ordinal).Replace("{number:int}", "7", StringComparison.Ordinal)
            .Replace("{code}", "LAS-1", StringComparison.Ordinal).Replace("{device}", "box", StringComparison.Ordinal).Replace("{scope}", $"machine:{Guid.NewGuid()}", StringComparison.Ordinal).Replace("{version}/{**path}", "0/css/app.css", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal);
        // Headers are enough: one of the answers never ends.
        return client.SendAsync(
            new HttpRequestMessage(new HttpMethod(parts[0]), new Uri(client.BaseAddress!, address)) { Content = parts[0] is "GET" or "DELETE" ? null : content },
            HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    private static async Task<string?> CodeAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("code").GetString();
    }

    /// <summary>A right; or, without one, the key of a gateway or of a kiosk, or nothing at all.</summary>
    internal sealed record Needed(Right? Right, bool Gateway = false, bool Kiosk = false)
    {
        public static Needed Nothing { get; } = new(Right: null);

        public static Needed Key { get; } = new(Right: null, Gateway: true);

        public static Needed KioskKey { get; } = new(Right: null, Kiosk: true);
    }
}
