using System.Text;
using System.Text.Json;

namespace FabLab.Protocol.Messages;

/// <summary>Reads the fields of one JSON object: unknown ones are passed over, known ones must have the type and limits of the table. The first fault stays.</summary>
internal sealed class Fields(JsonElement source)
{
    public Fault Fault { get; private set; }

    public bool IsOk => Fault.Reason == FaultReason.None;

    public void Refuse(FaultReason reason, string field)
    {
        if (IsOk)
            Fault = new Fault(reason, field);
    }

    public long? OptionalLong(string name, long min, long max)
    {
        if (!TryGet(name, out var value))
            return null;
        // Whole numbers only, written as such: 5.0 and 5e0 are refused.
        if (value.ValueKind != JsonValueKind.Number)
        {
            Refuse(FaultReason.WrongType, name);
            return null;
        }

        if (!value.TryGetInt64(out var number))
        {
            Refuse(value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') ? FaultReason.WrongType : FaultReason.OutOfRange, name);
            return null;
        }

        if (number >= min && number <= max)
            return number;
        Refuse(FaultReason.OutOfRange, name);
        return null;
    }

    public long Long(string name, long min, long max) => Required(OptionalLong(name, min, max), name);

    public int Int(string name, int min, int max) => (int)Long(name, min, max);

    public int? OptionalInt(string name, int min, int max) => (int?)OptionalLong(name, min, max);

    public uint UInt(string name, uint min = 0, uint max = uint.MaxValue) => (uint)Long(name, min, max);

    public uint? OptionalUInt(string name, uint min = 0, uint max = uint.MaxValue) => (uint?)OptionalLong(name, min, max);

    public byte Byte(string name, byte min = 0, byte max = byte.MaxValue) => (byte)Long(name, min, max);

    public string? OptionalText(string name, int minBytes, int maxBytes, Func<string, bool>? form = null)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.String)
        {
            Refuse(FaultReason.WrongType, name);
            return null;
        }

        var text = value.GetString()!;
        if (Encoding.UTF8.GetByteCount(text) is var length && length >= minBytes && length <= maxBytes && (form is null || form(text)))
            return text;
        Refuse(FaultReason.OutOfRange, name);
        return null;
    }

    public string Text(string name, int minBytes, int maxBytes, Func<string, bool>? form = null)
    {
        var text = OptionalText(name, minBytes, maxBytes, form);
        if (text is null)
            Refuse(FaultReason.Missing, name);
        return text ?? "";
    }

    public bool? OptionalFlag(string name)
    {
        if (!TryGet(name, out var value))
            return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        Refuse(FaultReason.WrongType, name);
        return null;
    }

    public bool Flag(string name)
    {
        var flag = OptionalFlag(name);
        if (flag is null)
            Refuse(FaultReason.Missing, name);
        return flag ?? false;
    }

    public TEnum Choice<TEnum>(string name, string[] names)
        where TEnum : struct, Enum
    {
        var index = System.Array.IndexOf(names, Text(name, 1, 16));
        if (index < 0)
            Refuse(FaultReason.OutOfRange, name);
        return (TEnum)(object)Math.Max(index, 0);
    }

    public Fields? Object(string name)
    {
        if (!TryGet(name, out var value))
            Refuse(FaultReason.Missing, name);
        else if (value.ValueKind != JsonValueKind.Object)
            Refuse(FaultReason.WrongType, name);
        else
            return new Fields(value);
        return null;
    }

    public void Take(Fields inner, string name)
    {
        if (!inner.IsOk)
            Refuse(inner.Fault.Reason, $"{name}.{inner.Fault.Field}");
    }

    public IReadOnlyList<T> Array<T>(string name, int max, bool required, Func<JsonElement, T?> read)
        where T : struct
    {
        if (!TryGet(name, out var value))
        {
            if (required)
                Refuse(FaultReason.Missing, name);
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Refuse(FaultReason.WrongType, name);
            return [];
        }

        if (value.GetArrayLength() > max)
        {
            Refuse(FaultReason.OutOfRange, name);
            return [];
        }

        var items = new List<T>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
        {
            if (read(element) is { } item)
                items.Add(item);
            else
                Refuse(FaultReason.OutOfRange, name);
        }

        return items;
    }

    public IReadOnlyList<long> Numbers(string name, int max, bool required, long low, long high) =>
        Array<long>(name, max, required, element =>
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var number))
            {
                Refuse(FaultReason.WrongType, name);
                return null;
            }

            return number >= low && number <= high ? number : null;
        });

    public IReadOnlyList<string> Texts(string name, int max, Func<string, bool> form)
    {
        var texts = new List<string>();
        Array<bool>(name, max, required: true, element =>
        {
            if (element.ValueKind != JsonValueKind.String)
            {
                Refuse(FaultReason.WrongType, name);
                return null;
            }

            var text = element.GetString()!;
            if (!form(text))
                return null;
            texts.Add(text);
            return true;
        });
        return texts;
    }

    public IReadOnlyList<T> Objects<T>(string name, int max, Func<Fields, T> read)
        where T : class
    {
        var items = new List<T>();
        Array<bool>(name, max, required: true, element =>
        {
            if (element.ValueKind != JsonValueKind.Object)
            {
                Refuse(FaultReason.WrongType, name);
                return null;
            }

            var inner = new Fields(element);
            items.Add(read(inner));
            Take(inner, name);
            return true;
        });
        return items;
    }

    public byte[] Raw(string name)
    {
        if (TryGet(name, out var value))
            return Encoding.UTF8.GetBytes(value.GetRawText());
        Refuse(FaultReason.Missing, name);
        return [];
    }

    public IReadOnlyList<byte[]> RawItems(string name)
    {
        var items = new List<byte[]>();
        Array<bool>(name, int.MaxValue, required: true, element =>
        {
            items.Add(Encoding.UTF8.GetBytes(element.GetRawText()));
            return true;
        });
        return items;
    }

    private long Required(long? value, string name)
    {
        if (value is null)
            Refuse(FaultReason.Missing, name);
        return value ?? 0;
    }

    // A field that is null counts as left out.
    private bool TryGet(string name, out JsonElement value) =>
        source.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}

internal static class Forms
{
    public static bool Code(string text) => text.Length is >= 1 and <= 16 && All(text, c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    public static bool Reason(string text) => text.Length is >= 1 and <= 32 && All(text, c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '_');

    public static bool Session(string text) => text.Length is >= 1 and <= Limits.SessionIdBytes && All(text, Url);

    public static bool Challenge(string text) => text.Length is >= 8 and <= 22 && All(text, Url);

    public static bool Printable(string text) => All(text, c => c is >= ' ' and <= '~');

    public static bool Role(string text) => text.Length is >= 1 and <= 8 && All(text, c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    public static bool StandingFault(string text) => text.Length >= 3 && text[0] is >= '0' and <= '3' && text[1] == ':' && Code(text[2..]);

    public static bool Sentence(string text) => All(text, c => !char.IsControl(c));

    // Cut between characters, never inside one.
    public static string FitSentence(string text)
    {
        var fitted = new StringBuilder();
        var bytes = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > Limits.ShowBytes)
                break;
            fitted.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return fitted.ToString();
    }

    private static bool Url(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    private static bool All(string text, Func<char, bool> test)
    {
        foreach (var c in text)
        {
            if (!test(c))
                return false;
        }

        return true;
    }
}
