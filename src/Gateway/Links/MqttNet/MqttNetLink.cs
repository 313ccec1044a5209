using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links.MqttNet;

/// <summary>The MQTT link over MQTTnet, for computers without libmosquitto. Compiled with <c>-p:UseMqttNet=true</c> only.</summary>
public sealed class MqttNetLink(MqttLinkOptions options, TimeProvider time, ILogger logger) : MqttLink(options, time, logger)
{
    private protected override MqttConnection Connect(MqttLinkOptions options, TimeProvider time) => new MqttNetConnection(this, options, time);
}
