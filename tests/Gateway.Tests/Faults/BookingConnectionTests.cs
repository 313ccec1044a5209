using FabLab.Contracts;
using FabLab.Gateway.Policy;
using FabLab.Gateway.Uploading;
using Microsoft.Extensions.Options;

namespace FabLab.Gateway.Tests.Faults;

/// <summary>The line to Booking while both are about to end: what it says of its trouble must not break the loops that ask.</summary>
public sealed class BookingConnectionTests : IDisposable
{
    private readonly string _key = Path.GetTempFileName();

    public void Dispose() => File.Delete(_key);

    [Fact]
    public async Task A_Booking_that_goes_first_when_all_of_it_ends_is_away_and_no_fault()
    {
        await File.WriteAllTextAsync(_key, "key", TestContext.Current.CancellationToken);

        Assert.IsType<FeedAnswer.Unavailable>(await AskAsync((line, ending) => line.AskAsync(0, TimeSpan.Zero, ending)));
        Assert.IsType<IntakeAnswer.Unavailable>(await AskAsync((line, ending) => line.SendAsync(new JournalBatch(1, []), ending)));
        Assert.Null(await AskAsync((line, ending) => line.TellAsync(new DevicesNow([]), ending)));
    }

    private async Task<T> AskAsync<T>(Func<BookingConnection, CancellationToken, Task<T>> ask)
    {
        using var ending = new CancellationTokenSource();
        using var refusing = new Refusing();
        using var http = new HttpClient(refusing);
        var line = new BookingConnection(
            http, Options.Create(new GatewayOptions { BookingAddress = "http://localhost:1", KeyFile = _key }), new EndsAfterTheAnswer(refusing, ending));
        var answer = await ask(line, ending.Token);
        Assert.True(ending.IsCancellationRequested);
        return answer;
    }

    private sealed class Refusing : HttpMessageHandler
    {
        public int Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked++;
            throw new HttpRequestException("Connection refused");
        }
    }

    /// <summary>The breaker looks at the clock when the second attempt has failed: in that moment the asker is told to end.</summary>
    private sealed class EndsAfterTheAnswer(Refusing refusing, CancellationTokenSource ending) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            if (refusing.Asked == 2)
                ending.Cancel();
            return base.GetUtcNow();
        }

        public override long GetTimestamp()
        {
            if (refusing.Asked == 2)
                ending.Cancel();
            return base.GetTimestamp();
        }
    }
}
