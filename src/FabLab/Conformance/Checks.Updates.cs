using System.Buffers.Text;
using FabLab.Protocol;
using FabLab.Protocol.Messages;

namespace FabLab.Host.Conformance;

/// <content>Updates over the air.</content>
internal static partial class Checks
{
    /// <summary>Why a check of updates is not shown on a device that is right without them.</summary>
    public const string NoUpdates = "It takes no updates over the air.";

    /// <summary>A version that no device is above.</summary>
    private const string Highest = "999999999999";

    private static async Task BusyTakesNoOfferAsync(Talk talk)
    {
        await talk.CodeAsync("ok", "c100", 20_000, start: true);
        // Looked at before everything else that could be wrong with it, so any offer will do.
        var offer = talk.Firmware?.Offer ?? FirmwareOffer.Of(Highest, "none", "0", [0]) with { Signature = Base64Url.EncodeToString(new byte[FirmwareOffer.SignatureBytes]) };
        await RefusedAsync(talk, offer, ReplyCode.Busy);
        if (await talk.ClosedAsync() is null)
            throw new CheckFailedException("An offer opened the relay.");
    }

    private static async Task WrongOffersAreRefusedAsync(Talk talk)
    {
        var offer = talk.Firmware!.Offer;
        var bent = offer.SignatureOf();
        bent[7] ^= 4;
        await RefusedAsync(talk, offer with { Signature = Base64Url.EncodeToString(bent) }, ReplyCode.Signature);
        await RefusedAsync(talk, offer with { Version = Highest }, ReplyCode.Signature);
        await RefusedAsync(talk, offer with { Hash = Base64Url.EncodeToString(new byte[32]) }, ReplyCode.Signature);
        await RefusedAsync(talk, offer with { Model = "another-board" }, ReplyCode.Model);
        await RefusedAsync(talk, offer with { Version = talk.Birth!.Firmware }, ReplyCode.Down);
        await RefusedAsync(talk, offer with { Lowest = Highest }, ReplyCode.Lowest);
    }

    private static async Task AnotherFileIsDroppedAsync(Talk talk)
    {
        var firmware = talk.Firmware!;
        talk.Mark();
        await TakenAsync(talk, firmware.Offer);
        var (piece, boot) = (await AskedAsync(talk, firmware, null), talk.Boot);
        // The second piece when there is one, out of turn: nothing else is asked for than what is due.
        if (firmware.Piece(Limits.FirmwarePieceBytes) is { } early)
        {
            talk.Send(early);
            await talk.AbsentAsync<Ask>(ask => ask.What == AskFor.Firmware && ask.N != piece.Offset, "a question for the piece after one that came out of turn", 200);
        }
        var bent = piece.Bytes.ToArray();
        bent[0] ^= 1;
        talk.Send(piece with { Bytes = bent });
        var reply = await GiveAsync(talk, firmware, piece.Bytes.Length);
        Talk.Equal(ReplyCode.Hash, reply.Code, "the answer to a file with one bit turned");
        await talk.WaitAsync(3_000);
        await RunsAsync(talk, talk.First!.Firmware, boot, "after a file that was not the one signed");
    }

    private static async Task DownloadGoesOnAsync(Talk talk)
    {
        var firmware = talk.Firmware!;
        if (firmware.Bytes.Length <= 2 * Limits.FirmwarePieceBytes)
            throw new CheckNotShownException("The firmware given has too few pieces.");
        talk.Mark();
        await TakenAsync(talk, firmware.Offer);
        talk.Send(await AskedAsync(talk, firmware, 0));
        await AskedAsync(talk, firmware, Limits.FirmwarePieceBytes);
        // A piece that does not come is asked for again.
        talk.Mark();
        await AskedAsync(talk, firmware, Limits.FirmwarePieceBytes);
        talk.Mark();
        await talk.Bench.DropAsync(talk.Cancellation);
        await talk.ExpectAsync<Birth>(null, "a birth after a new connection", 12_000);
        await talk.MatchAsync();
        talk.Send(await AskedAsync(talk, firmware, Limits.FirmwarePieceBytes));
        await AskedAsync(talk, firmware, 2 * Limits.FirmwarePieceBytes);
        if (!talk.Bench.Hands.CanCutPower)
            return;
        var before = talk.Boot;
        await talk.CutPowerAsync();
        await talk.MatchAsync();
        await RunsAsync(talk, talk.First!.Firmware, before + 1, "after the power was cut in mid-download");
    }

    private static async Task MakersComeFirstAsync(Talk talk)
    {
        var firmware = talk.Firmware!;
        talk.Mark();
        await TakenAsync(talk, firmware.Offer);
        var piece = await AskedAsync(talk, firmware, null);
        await talk.CodeAsync("ok", "c104", 20_000, start: true);
        talk.Send(piece);
        talk.Mark();
        await talk.AbsentAsync<Ask>(ask => ask.What == AskFor.Firmware, "a question for a piece while a relay was closed", 6_000);
        talk.Mark();
        await talk.CodeAsync("ok", "c104", 0, start: false);
        if (piece.Offset + piece.Bytes.Length < firmware.Bytes.Length)
            await AskedAsync(talk, firmware, null);
    }

    private static async Task UnconfirmedGoesBackAsync(Talk talk)
    {
        var (before, version) = (talk.Boot, talk.Birth!.Firmware);
        await UpdateAsync(talk);
        if (talk.Birth.Relays.Count > 0)
            await talk.CodeAsync(ReplyCode.Trial, "c105", 5_000, start: true);
        talk.Mark();
        var back = await talk.ExpectAsync<Birth>(birth => birth.Boot != before + 1, "a birth of the firmware before, 5 minutes after one that was not confirmed", Limits.FirmwareTrialMs + 30_000);
        Talk.Equal((version, false), (back.Firmware, back.OnTrial), "the firmware that runs, and whether it is on trial, after one that was not confirmed");
        await talk.MatchAsync();
        var record = await talk.ExpectAsync<BootRecord>(boot => boot.Boot == back.Boot, "a record boot");
        Talk.Equal(BootWhy.Back, record.Why, "the reason of the record boot");
    }

    private static async Task CrashOnTrialGoesBackAsync(Talk talk)
    {
        var version = talk.Birth!.Firmware;
        await UpdateAsync(talk);
        var back = await talk.CutPowerAsync();
        Talk.Equal((version, false), (back.Firmware, back.OnTrial), "the firmware that runs, and whether it is on trial, after a power cut during the trial");
        await talk.MatchAsync();
    }

    private static async Task ConfirmedStaysAsync(Talk talk)
    {
        await UpdateAsync(talk);
        Talk.Equal(ReplyCode.Other, await ConfirmAsync(talk, "0"), "the answer to the confirmation of another version");
        Talk.Equal(true, (await talk.RebirthAsync()).OnTrial, "whether it is on trial after the confirmation of another version");
        Talk.Equal(ReplyCode.Ok, await ConfirmAsync(talk, talk.Firmware!.Offer.Version), "the answer to the confirmation");
        Talk.Equal(ReplyCode.Ok, await ConfirmAsync(talk, talk.Firmware.Offer.Version), "the answer to the confirmation again");
        Talk.Equal(false, (await talk.RebirthAsync()).OnTrial, "whether it is on trial after the confirmation");
        if (talk.Birth!.Relays.Count > 0)
            await talk.CodeAsync("ok", "c107", 1_000, start: true);
        if (!talk.Bench.Hands.CanCutPower)
            return;
        var birth = await talk.CutPowerAsync();
        Talk.Equal((talk.Firmware.Offer.Version, false), (birth.Firmware, birth.OnTrial), "the firmware that runs, and whether it is on trial, after a power cut");
        await talk.MatchAsync();
    }

    // ---- steps ----

    private static async Task<Reply> OfferAsync(Talk talk, FirmwareOffer offer)
    {
        talk.Mark();
        var n = talk.Send(offer);
        var reply = await talk.ExpectAsync<Reply>(reply => reply.To == "ota" || (reply.To == "cmd" && reply.N == n), "an answer to an offer of firmware", 10_000);
        return reply is { To: "cmd", Code: ReplyCode.Unknown } ? throw new CheckNotShownException(NoUpdates)
            : reply.To == "ota" ? reply
            : throw new CheckFailedException($"An offer of firmware was answered '{reply.Code}'.");
    }

    private static async Task RefusedAsync(Talk talk, FirmwareOffer offer, string code)
    {
        Talk.Equal(code, (await OfferAsync(talk, offer)).Code, "the answer to the offer");
        await talk.AbsentAsync<Ask>(ask => ask.What == AskFor.Firmware, $"a question for a piece of a firmware refused as '{code}'", 200);
    }

    private static async Task TakenAsync(Talk talk, FirmwareOffer offer) => Talk.Equal(ReplyCode.Ok, (await OfferAsync(talk, offer)).Code, "the answer to the offer");

    /// <summary>The piece it asks for next.</summary>
    private static async Task<FirmwarePart> AskedAsync(Talk talk, FirmwareFile firmware, int? offset)
    {
        var ask = await talk.ExpectAsync<Ask>(ask => ask.What == AskFor.Firmware, "a question for a piece of the firmware", 7_000);
        if (offset is { } wanted)
            Talk.Equal((uint?)wanted, ask.N, "the offset it asks for");
        return firmware.Piece(ask.N ?? uint.MaxValue) ?? throw new CheckFailedException($"It asks for a piece at {ask.N}, where none begins.");
    }

    /// <summary>Gives it all pieces from one on, to its word on the whole.</summary>
    private static async Task<Reply> GiveAsync(Talk talk, FirmwareFile firmware, int from)
    {
        for (var held = from; held < firmware.Bytes.Length;)
        {
            var piece = await AskedAsync(talk, firmware, held);
            // In the same moment as the last one goes, so that a quick device's answer is not missed.
            talk.Send(piece);
            held += piece.Bytes.Length;
        }
        return await talk.ExpectAsync<Reply>(reply => reply.To == "ota" && reply.Code != ReplyCode.Ok, "a word on the whole file", 60_000);
    }

    private static async Task UpdateAsync(Talk talk)
    {
        var (firmware, before) = (talk.Firmware!, talk.Boot);
        await TakenAsync(talk, firmware.Offer);
        var first = await AskedAsync(talk, firmware, null);
        talk.Send(first);
        Talk.Equal(ReplyCode.Done, (await GiveAsync(talk, firmware, first.Offset + first.Bytes.Length)).Code, "the answer to the last piece");
        var birth = await talk.ExpectAsync<Birth>(birth => birth.Boot != before, "a birth of the new firmware", 60_000);
        Talk.Equal((firmware.Offer.Version, true), (birth.Firmware, birth.OnTrial), "the firmware that runs, and whether it is on trial");
        await talk.MatchAsync();
        var record = await talk.ExpectAsync<BootRecord>(boot => boot.Boot == birth.Boot, "a record boot");
        Talk.Equal(BootWhy.Update, record.Why, "the reason of the record boot");
    }

    private static async Task<string> ConfirmAsync(Talk talk, string version)
    {
        talk.Mark();
        talk.Send(new FirmwareConfirm(version));
        return (await talk.ExpectAsync<Reply>(reply => reply.To == "confirm", "an answer to the confirmation")).Code;
    }

    private static async Task RunsAsync(Talk talk, string version, uint boot, string when)
    {
        var birth = await talk.RebirthAsync();
        Talk.Equal((version, boot, false), (birth.Firmware, birth.Boot, birth.OnTrial), $"firmware, boot number and trial {when}");
    }
}
