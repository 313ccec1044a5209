using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace FabLab.Testing;

/// <summary>The author of a firmware in tests: the key of the examples in firmware-protocol.md, its secret A0 A1 … BF.</summary>
public static class AuthorKey
{
    private static readonly Ed25519PrivateKeyParameters Key = new([.. Enumerable.Range(0xA0, 32).Select(i => (byte)i)]);

    /// <summary>The 32 secret bytes.</summary>
    public static byte[] Secret => Key.GetEncoded();

    /// <summary>The 32 bytes that a firmware has built in.</summary>
    public static byte[] Public => Key.GeneratePublicKey().GetEncoded();

    public static byte[] Sign(byte[] data)
    {
        var signature = new byte[Ed25519.SignatureSize];
        Key.Sign(Ed25519.Algorithm.Ed25519, null, data, 0, data.Length, signature, 0);
        return signature;
    }

    public static bool IsSigned(byte[] data, byte[] signature) => Key.GeneratePublicKey().Verify(Ed25519.Algorithm.Ed25519, null, data, 0, data.Length, signature, 0);
}
