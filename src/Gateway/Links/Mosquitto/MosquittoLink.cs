using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.Mosquitto;

/// <summary>The MQTT link over libmosquitto.</summary>
public sealed class MosquittoLink(MqttLinkOptions options, TimeProvider time, ILogger logger) : MqttLink(options, time, logger)
{
    private protected override void Prepare() => MosquittoNative.Initialise();

    private protected override MqttConnection Connect(MqttLinkOptions options, TimeProvider time) => new MosquittoConnection(this, options, time);
}
