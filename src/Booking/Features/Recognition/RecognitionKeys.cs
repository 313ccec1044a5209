using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace FabLab.Booking.Features.Recognition;

/// <summary>One key of the lab, with its id.</summary>
internal sealed class RecognitionKey(string id, RSA rsa) : IDisposable
{
    private readonly Lock _one = new();

    public string Id => id;

    public byte[] Sign(byte[] text)
    {
        lock (_one)
            return rsa.SignData(text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    public bool Verifies(byte[] text, byte[] signature)
    {
        lock (_one)
            return rsa.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }

    /// <summary>The public half, as a JSON Web Key. Its id is its address, as the header of a badge names it: verifiers look for the same text.</summary>
    /// <param name="site">Where these pages are.</param>
    public JsonObject Public(string site)
    {
        lock (_one)
        {
            var half = rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject
            {
                ["kty"] = "RSA", ["alg"] = "RS256", ["use"] = "sig", ["kid"] = OpenBadge.KeyAddress(site, id), ["n"] = Base64Url.EncodeToString(half.Modulus), ["e"] = Base64Url.EncodeToString(half.Exponent),
            };
        }
    }

    public void Dispose() => rsa.Dispose();
}

/// <summary>
/// The keys that badges are signed with: in a file of the data folder that only this user reads, not in the database. The last one signs;
/// the others stay so that badges signed with them are still known. Made when the first badge is given.
/// </summary>
internal sealed class RecognitionKeys(BookingFiles files) : IDisposable
{
    private const int Bits = 2048;

    private readonly Lock _one = new();
    private List<RecognitionKey>? _keys;

    /// <summary>Every key there is, oldest first.</summary>
    public IReadOnlyList<RecognitionKey> All
    {
        get
        {
            lock (_one)
                return [.. Read()];
        }
    }

    /// <summary>The key that signs; made if there is none.</summary>
    public RecognitionKey Current
    {
        get
        {
            lock (_one)
                return Read() is [.., var last] ? last : Add();
        }
    }

    /// <summary>Finds a key; null when it is none of the lab's.</summary>
    public RecognitionKey? Find(string id) => All.FirstOrDefault(key => key.Id == id);

    /// <summary>Makes another key, which signs from now on.</summary>
    public RecognitionKey Rotate()
    {
        lock (_one)
        {
            Read();
            return Add();
        }
    }

    public void Dispose()
    {
        foreach (var key in _keys ?? [])
            key.Dispose();
    }

    private List<RecognitionKey> Read()
    {
        if (_keys is not null)
            return _keys;
        var keys = new List<RecognitionKey>();
        foreach (var line in File.Exists(files.RecognitionKeys) ? File.ReadAllLines(files.RecognitionKeys) : [])
        {
            string[] parts = line.Split(' ');
            if (parts.Length != 2)
                continue;
            var rsa = RSA.Create();
            rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(parts[1]), out _);
            keys.Add(new RecognitionKey(parts[0], rsa));
        }
        return _keys = keys;
    }

    private RecognitionKey Add()
    {
        var rsa = RSA.Create(Bits);
        var key = new RecognitionKey(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), rsa);
        string[] before = File.Exists(files.RecognitionKeys) ? File.ReadAllLines(files.RecognitionKeys) : [];
        BookingFiles.ReplaceSecret(files.RecognitionKeys, [.. before, $"{key.Id} {Convert.ToBase64String(rsa.ExportPkcs8PrivateKey())}"]);
        _keys!.Add(key);
        return key;
    }
}
