using Microsoft.Extensions.Logging;

namespace FabLab.Gateway.Links;

/// <summary>Makes the MQTT link this build was compiled with.</summary>
public static class MqttLinks
{
#if USE_MQTTNET
    public const string Implementation = "MQTTnet";

    public static IMqttLink Create(MqttLinkOptions options, TimeProvider time, ILogger logger) => new MqttNet.MqttNetLink(options, time, logger);
#else
    public const string Implementation = "libmosquitto";

    public static IMqttLink Create(MqttLinkOptions options, TimeProvider time, ILogger logger) => new Mosquitto.MosquittoLink(options, time, logger);
#endif
}
