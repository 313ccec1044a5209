namespace FabLab.Gateway.Links;

/// <summary>
/// One connection of an <see cref="MqttLink"/> from its first byte to its last. It tells the link when the broker has accepted
/// it, what the broker says to the subscriptions, and what comes.
/// </summary>
internal abstract class MqttConnection : IDisposable
{
    private readonly Lock _ending = new();
    private LinkFault _fault;
    private string? _detail;

    /// <summary>Why it ended.</summary>
    public (LinkFault Fault, string? Detail) Outcome
    {
        get { lock (_ending) return (_fault, _detail); }
    }

    /// <summary>Connects, serves until the connection has ended or <see cref="Stop"/> is called, and cleans up.</summary>
    public abstract Task RunAsync();

    /// <summary>Ends the connection from another thread, with a goodbye to the broker.</summary>
    public abstract void Stop();

    public abstract LinkSend Publish(string topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, TimeSpan? expiry);

    public abstract void Subscribe(MqttSubscription subscription);

    public abstract void Unsubscribe(string filter);

    public abstract void Dispose();

    /// <summary>Notes why it ends. The first reason stays: a refusal or a take-over says more than the closed socket after it.</summary>
    /// <returns>False, always.</returns>
    protected bool End(LinkFault fault, string detail)
    {
        lock (_ending)
        {
            if (_fault == LinkFault.None)
            {
                _fault = fault;
                _detail = detail;
            }
        }
        return false;
    }
}
