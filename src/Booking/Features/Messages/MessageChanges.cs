using FabLab.Booking.Features.Idempotency;
using FabLab.Booking.Features.Reservations;
using FabLab.Booking.Features.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace FabLab.Booking.Features.Messages;

/// <summary>Messages to people: services and endpoints.</summary>
internal static class MessageChanges
{
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<MailSignal>();
        services.AddSingleton<MessageWords>();
        services.AddSingleton<MessageWriting>();
        services.AddSingleton<IBookingEventSink, MessageSink>();
        services.AddSingleton<IMailTransport, SmtpMail>();
        services.AddSingleton<MailPost>();
        services.AddHostedService(provider => provider.GetRequiredService<MailPost>());
        services.AddSingleton<MessageClock>();
        services.AddHostedService(provider => provider.GetRequiredService<MessageClock>());
        services.AddSingleton<ReadMessages>();
        services.AddSingleton<SetMessages>();
        services.AddSingleton<SetContact>();
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Nothing secret passes where a message is marked as read.
        ReadMessages.Map(
            routes.MapGroup("").AddEndpointFilter(SecondFactorFirstAsync),
            routes.Changes(Right.OwnAccount).WithMetadata(IdempotencyTerms.Taken).AddEndpointFilter(SecondFactorFirstAsync));
        SetMessages.Map(routes.MapGroup("").AddEndpointFilter(SecondFactorFirstAsync), routes.Changes(Right.OwnAccount).AddEndpointFilter(SecondFactorFirstAsync));
        SetContact.Map(routes.Changes(Right.KeepPeople));
    }

    /// <summary>Who still owes a second factor has the right to the own account, but only to set it up.</summary>
    public static ValueTask<object?> SecondFactorFirstAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next) =>
        StaffActor.From(call.HttpContext.User) is { Only: { } only } && only.SetEquals([Right.OwnAccount])
            ? ValueTask.FromResult<object?>(call.HttpContext.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal)
                ? Refusal.NotAllowed.ToResult()
                : Results.LocalRedirect("/account"))
            : next(call);
}
