using System.Collections.Concurrent;
using System.Net;
using FabLab.Booking.Features.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FabLab.Booking.Tests.Webhooks;

/// <summary>One delivery that came.</summary>
internal sealed record TakenDelivery(string Event, string Delivery, string Signature, string Body);

/// <summary>A program that is told of events, and answers as it is asked to.</summary>
internal sealed class HookSink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HookSink(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single() + "/hook";

    public ConcurrentQueue<TakenDelivery> Taken { get; } = new();

    /// <summary>What it says; the first is used first, the last stays.</summary>
    public ConcurrentQueue<int> Answers { get; } = new([200]);

    public static async Task<HookSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var sink = new HookSink(app);
        app.MapPost("/hook", async (HttpContext http) =>
        {
            using var reader = new StreamReader(http.Request.Body);
            sink.Taken.Enqueue(new TakenDelivery(
                http.Request.Headers[WebhookSigning.EventHeader].ToString(), http.Request.Headers[WebhookSigning.DeliveryHeader].ToString(),
                http.Request.Headers[WebhookSigning.SignatureHeader].ToString(), await reader.ReadToEndAsync()));
            int answer;
            if (sink.Answers.Count > 1)
                sink.Answers.TryDequeue(out answer);
            else
                sink.Answers.TryPeek(out answer);
            if (answer is > 300 and < 400)
                http.Response.Headers.Location = "/hook";
            http.Response.StatusCode = answer;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return sink;
    }

    public void Answer(params int[] statuses)
    {
        Answers.Clear();
        foreach (var status in statuses)
            Answers.Enqueue(status);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
