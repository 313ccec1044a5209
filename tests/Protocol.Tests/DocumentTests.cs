using System.Text.RegularExpressions;

namespace FabLab.Protocol.Tests;

/// <summary>The page and the vectors say the same: no row without a vector, no vector without a row, no example that is not a vector.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Page = Vectors.Document;

    private static List<string> Rows => [.. Row().Matches(Page).Select(match => match.Groups[1].Value)];

    [Fact]
    public void Every_table_row_has_a_name_of_its_own()
    {
        var lines = Page.Split('\n').Where(line => line.StartsWith('|')).ToList();
        var unnamed = lines.Where(line => !Row().IsMatch(line) && !line.StartsWith("|---", StringComparison.Ordinal) && !line.StartsWith("| Row |", StringComparison.Ordinal));

        Assert.Empty(unnamed);
        Assert.Empty(Rows.GroupBy(row => row).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.True(Rows.Count > 300, $"{Rows.Count} rows: was the page read at all?");
    }

    [Fact]
    public void Every_table_row_has_a_vector_and_every_vector_names_rows_that_exist()
    {
        var named = Vectors.Files.SelectMany(Vectors.Of).SelectMany(Vectors.Rows).ToHashSet();

        Assert.Empty(Rows.Except(named));
        Assert.Empty(named.Except(Rows));
    }

    [Fact]
    public void Every_vector_has_an_id_of_its_own_and_at_least_one_row()
    {
        var vectors = Vectors.Files.SelectMany(Vectors.Of).ToList();

        Assert.Empty(vectors.GroupBy(vector => vector.Text("id")).Where(group => group.Count() > 1).Select(group => group.Key));
        Assert.DoesNotContain(vectors, vector => !vector.Rows().Any());
    }

    [Fact]
    public void The_examples_in_bytes_are_vectors()
    {
        var vectors = Vectors.Files.SelectMany(Vectors.Of).ToDictionary(vector => vector.Text("id"));
        var examples = Example().Matches(Page);

        Assert.True(examples.Count >= 7);
        foreach (Match example in examples)
        {
            var bytes = Convert.FromHexString(Space().Replace(example.Groups[2].Value, ""));
            Assert.Equal(vectors[example.Groups[1].Value].Hex(), bytes);
        }
    }

    [Fact]
    public void The_derived_keys_in_the_page_are_those_of_the_code()
    {
        foreach (var text in new[] { Convert.ToHexStringLower(Vectors.Keys.For(Direction.Up)), Convert.ToHexStringLower(Vectors.Keys.For(Direction.Down)), Vectors.Keys.MqttPassword })
            Assert.Contains(text, Page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limits_in_the_page_are_those_of_the_code()
    {
        var page = Space().Replace(Page, " ");
        (string Row, string Value)[] limits =
        [
            ("limit.json", $"{Limits.JsonBytes} bytes"),
            ("limit.message", $"{Limits.MessageBytes} bytes"),
            ("limit.device-id", $"3 to {Limits.DeviceIdBytes} of"),
            ("limit.session", $"1 to {Limits.SessionIdBytes} of"),
            ("limit.tag", $"{Limits.TagBytes} bytes"),
            ("limit.sentence", $"{Limits.ShowBytes} bytes"),
            ("limit.lease", $"or {Limits.LeaseMinMs} to {Spaced(Limits.LeaseMaxMs)} ms"),
            ("limit.slack", $"{Spaced(Limits.LeaseSlackMs)} ms"),
            ("limit.fresh", $"{Spaced(Limits.FreshMs)} ms"),
            ("limit.cap", $"{Spaced(Limits.FinishCapSeconds)} s"),
            ("limit.journal", Spaced(Limits.JournalRecords)),
            ("limit.window", $"{Limits.JournalWindow} "),
            ("limit.resend", $"{Limits.JournalResendMs / 1000} s,"),
            ("limit.ahead", Spaced(Limits.JournalAhead)),
            ("limit.time", $"{Limits.TimePeriodMs / 1000} s"),
            ("limit.silence", $"{Limits.SilenceMs / 1000} s"),
            ("limit.answer", $"{Limits.AnswerGapMs / 1000} s"),
            ("limit.chunk", $"{Limits.ListChunkEntries} "),
            ("limit.firmware", $"{Spaced(Limits.FirmwareBytes)} bytes"),
            ("limit.piece", $"{Limits.FirmwarePieceBytes} bytes"),
            ("limit.trial", $"{Spaced(Limits.FirmwareTrialMs)} ms"),
            ("limit.pull", $"{Spaced(Limits.FirmwareAskMs)} ms, {Spaced(Limits.FirmwareGoneMs)} ms"),
            ("limit.utc", Spaced(Limits.EarliestUtcMs)),
            ("limit.frame", $"{Limits.FrameBytes} bytes"),
            ("limit.encoded", $"{Limits.EncodedFrameBytes} bytes"),
            ("limit.tries", $"{Limits.FrameTries}, one every {Limits.FrameAckMs} ms"),
        ];

        foreach (var (row, value) in limits)
            Assert.Contains(value, page.Split($"| `{row}` |")[1].Split(" | `")[0], StringComparison.Ordinal);
        Assert.Equal(Rows.Count(row => row.StartsWith("limit.", StringComparison.Ordinal)), limits.Length + 2);
    }

    private static string Spaced(long number) => number.ToString("#,0", System.Globalization.CultureInfo.InvariantCulture).Replace(',', ' ');

    [GeneratedRegex(@"^\| `([a-z0-9.\-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"```hex (\S+)\n([0-9A-F\s]+)```")]
    private static partial Regex Example();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
