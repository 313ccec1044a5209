using FabLab.Core;
using FabLab.Core.Policy;
using FabLab.Core.Sessions;
using FabLab.Gateway.Drivers;
using NodaTime;
using System.Text.Json;

namespace FabLab.Gateway.Flow;

/// <summary>STEP 7. The answer in plain words, at the machine's display or where the badge was tapped.</summary>
internal sealed class TellTheMaker(Func<DeviceId, IDevice?> devices, string language, Func<(Instant Now, string Zone)> here)
{
    private static readonly Duration Short = Duration.FromSeconds(4);
    private static readonly Duration Long = Duration.FromSeconds(8);

    public ValueTask SayAsync(MachineReply reply, MachineRule rule, DeviceId? reader, CancellationToken cancellationToken) =>
        SayAsync(Compose(reply), rule, reader, cancellationToken);

    public ValueTask SayAsync(InductionWords words, DisplayTone tone, MachineRule rule, DeviceId? reader, CancellationToken cancellationToken) =>
        SayAsync(new DisplayMessage(words.Code, tone, words.Sentence.In(language), words.NextStep?.In(language), Long), rule, reader, cancellationToken);

    private async ValueTask SayAsync(DisplayMessage message, MachineRule rule, DeviceId? reader, CancellationToken cancellationToken)
    {
        var display = rule.Device(DeviceRole.Display)?.Device ?? reader ?? rule.Device(DeviceRole.Reader)?.Device;
        if (display is { } id && devices(id) is { } device)
            await device.ShowAsync(message, cancellationToken);
    }

    internal DisplayMessage Compose(MachineReply reply)
    {
        var code = reply is { Kind: ReplyKind.Refused, Denied: { } denied } ? denied.Code : JsonNamingPolicy.SnakeCaseLower.ConvertName(reply.Kind.ToString());
        var tone = reply.Kind switch
        {
            ReplyKind.Started or ReplyKind.HandedOver or ReplyKind.Extended => DisplayTone.Accepted,
            ReplyKind.Refused => DisplayTone.Refused,
            ReplyKind.SecondBadgePlease or ReplyKind.SecondBadgeGivenUp or ReplyKind.EndSoon or ReplyKind.FinishPlease => DisplayTone.Attention,
            _ => DisplayTone.Neutral,
        };
        var (now, zone) = here();
        var next = SessionWords.Next(reply, now, zone)?.In(language);
        // There is more to read: the reason and what to do about it, or until when the machine is free.
        return new DisplayMessage(code, tone, SessionWords.Sentence(reply, now).In(language), next, next is null ? Short : Long);
    }
}
