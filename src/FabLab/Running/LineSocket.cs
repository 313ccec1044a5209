using System.Net.Sockets;
using System.Text;

namespace FabLab.Host.Running;

/// <summary>Asks one question over a Unix socket: a line of JSON there, a line back.</summary>
internal static class LineSocket
{
    /// <returns>The answer; null when nobody listens there.</returns>
    public static async Task<string?> AskAsync(string path, string question, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return null;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        }
        catch (SocketException)
        {
            // A file that a killed program left behind.
            return null;
        }
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(question + "\n"), cancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadLineAsync(cancellationToken);
    }
}
