using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace FabLab.Ui.Assets;

/// <summary>
/// Style sheets, scripts and fonts, served from inside the assembly under <c>/assets/{version}/…</c>.
/// The version is a hash of all of them: a browser may keep them for ever, and an upgrade is seen at once.
/// </summary>
public static class UiAssets
{
    private static readonly FrozenDictionary<string, Asset> All = Load();

    /// <summary>Changes when any asset changes.</summary>
    public static string Version { get; } = VersionOf(All);

    /// <summary>The address of an asset, for example <c>css/app.css</c>.</summary>
    public static string Url(string path) => All.ContainsKey(path)
        ? $"/assets/{Version}/{path}"
        : throw new ArgumentException($"No asset is called '{path}'.", nameof(path));

    public static void MapUiAssets(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{version}/{**path}", Serve).AllowAnonymous().ExcludeFromDescription();

    private static IResult Serve(string version, string path, HttpContext context)
    {
        if (!All.TryGetValue(path, out Asset? asset))
        {
            return TypedResults.NotFound();
        }

        IHeaderDictionary headers = context.Response.Headers;
        // A page from before an upgrade may ask for an old version: it gets today's file, but must not keep it.
        headers.CacheControl = version == Version ? "public, max-age=31536000, immutable" : "no-cache";
        byte[] body = asset.Plain;
        if (asset.Zipped is { } zipped)
        {
            headers.Vary = "Accept-Encoding";
            if (context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
            {
                headers.ContentEncoding = "gzip";
                body = zipped;
            }
        }

        return TypedResults.Bytes(body, asset.ContentType);
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        const string Root = "wwwroot/";
        Assembly assembly = typeof(UiAssets).Assembly;
        var assets = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        using var sheets = new MemoryStream();
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Root, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            string path = name[Root.Length..];
            if (path.StartsWith("css/", StringComparison.Ordinal))
            {
                // The style sheets are read as one file, in the order of their names: one request less per file.
                sheets.Write(copy.ToArray());
            }
            else
            {
                assets.Add(path, copy.ToArray());
            }
        }

        assets.Add("css/app.css", sheets.ToArray());
        return assets.ToFrozenDictionary(a => a.Key, a => new Asset(a.Value, ContentTypeOf(a.Key)), StringComparer.Ordinal);
    }

    private static string VersionOf(FrozenDictionary<string, Asset> assets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, Asset asset) in assets.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(path));
            hash.AppendData(asset.Plain);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    private static string ContentTypeOf(string path) => Path.GetExtension(path) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".woff2" => "font/woff2",
        ".json" or ".webmanifest" => "application/json",
        _ => "application/octet-stream",
    };

    private sealed class Asset(byte[] plain, string contentType)
    {
        private readonly Lazy<byte[]?> _zipped = new(() => contentType.Contains("font", StringComparison.Ordinal) ? null : Zip(plain));

        public byte[] Plain { get; } = plain;

        public string ContentType { get; } = contentType;

        /// <summary>Compressed once, when first asked for; fonts are compressed already.</summary>
        public byte[]? Zipped => _zipped.Value;

        private static byte[] Zip(byte[] plain)
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize))
            {
                gzip.Write(plain);
            }

            return packed.ToArray();
        }
    }
}
