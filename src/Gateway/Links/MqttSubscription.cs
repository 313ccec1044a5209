namespace FabLab.Gateway.Links;

/// <summary>One filter on the broker and everybody who listens to it here.</summary>
internal sealed class MqttSubscription(string filter, MqttQos qos)
{
    private volatile IMqttSink[] _sinks = [];
    private volatile int _state;

    public string Filter { get; } = filter;

    public MqttQos Qos { get; } = qos;

    public IMqttSink[] Sinks
    {
        get => _sinks;
        set => _sinks = value;
    }

    public SubscriptionState State
    {
        get => (SubscriptionState)_state;
        set => _state = (int)value;
    }
}
