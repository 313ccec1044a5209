using System.Text;
using System.Threading.Channels;
using FabLab.Gateway.Links;

namespace FabLab.Gateway.Tests.Links;

public sealed record Received(string Topic, byte[] Payload, bool Retained)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>Keeps what a link delivers and lets a test wait for it.</summary>
public sealed class RecordingSink : IMqttSink
{
    private readonly Channel<Received> _messages = Channel.CreateUnbounded<Received>();
    private readonly Channel<bool> _changes = Channel.CreateUnbounded<bool>();

    private int _inARow;

    public Action<Received>? OnEach { get; set; }

    public Action<bool>? OnChange { get; set; }

    public void OnMessage(in MqttDelivery message)
    {
        var received = new Received(message.Topic, message.Payload.ToArray(), message.Retained);
        _messages.Writer.TryWrite(received);
        OnEach?.Invoke(received);
    }

    public void OnLinkChanged(bool up)
    {
        _changes.Writer.TryWrite(up);
        OnChange?.Invoke(up);
    }

    public async Task<Received> NextAsync() => await _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    public async Task<bool> NextChangeAsync() => await _changes.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

    /// <summary>Whether the last messages all came on that topic; takes everything that has come so far.</summary>
    public bool AnyInARow(string topic, int count)
    {
        while (_messages.Reader.TryRead(out var message))
            _inARow = message.Topic == topic ? _inARow + 1 : 0;
        return _inARow >= count;
    }

    public bool Any => _messages.Reader.Count > 0;
}
