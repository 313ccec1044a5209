using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FabLab.Host.Tests.EndToEnd;

/// <summary>The way in to a lab that nobody can enter yet: a link in what <c>fablab up</c> prints.</summary>
public sealed partial class FirstSignInTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fablab-first-");
    private readonly string[] _ports = DemoLab.FreePorts(3);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_link_is_printed_once_works_once_and_is_not_printed_again_once_a_manager_can_sign_in()
    {
        await using (var lab = await StartAsync())
        {
            var link = Assert.Single(Link().Matches(lab.Said));
            Assert.Equal($"localhost:{_ports[0]}", new Uri(link.Value).Authority);
            var code = WebUtility.UrlDecode(link.Groups["code"].Value);
            using var manager = new HttpClient { BaseAddress = new Uri($"http://localhost:{_ports[0]}/") };
            using var late = new HttpClient { BaseAddress = manager.BaseAddress };

            Assert.Equal(HttpStatusCode.OK, await SendAsync(manager, HttpMethod.Post, "api/v1/sign-in/link", new { code }));
            Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(late, HttpMethod.Post, "api/v1/sign-in/link", new { code }));
            Assert.Equal(HttpStatusCode.OK, await SendAsync(manager, HttpMethod.Put, "api/v1/account/password", new { password = "une phrase que personne ne devine" }));
            Assert.Equal(0, await lab.TerminateAsync(Cancel));
        }

        await using var again = await StartAsync();
        Assert.Empty(Link().Matches(again.Said));
        Assert.Equal(0, await again.TerminateAsync(Cancel));
    }

    private async Task<LabProcess> StartAsync()
    {
        var lab = LabProcess.Start("up", "--data", _folder.FullName, "--web-port", _ports[0], "--kiosk-port", _ports[1], "--mqtt-port", _ports[2]);
        await lab.WaitForAsync("FabLab is running.", Cancel);
        return lab;
    }

    /// <summary>As a browser does: with the cookies it has, and the token of the session.</summary>
    private static async Task<HttpStatusCode> SendAsync(HttpClient browser, HttpMethod how, string path, object body)
    {
        var session = await browser.GetFromJsonAsync<JsonNode>(new Uri("api/v1/session", UriKind.Relative), Cancel);
        using var question = new HttpRequestMessage(how, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        question.Headers.Add("X-FabLab-Token", session!["forgeryToken"]!.GetValue<string>());
        using var answer = await browser.SendAsync(question, Cancel);
        return answer.StatusCode;
    }

    [GeneratedRegex(@"http://\S+/sign-in/link\?code=(?<code>\S+)")]
    private static partial Regex Link();
}
