namespace FabLab.Host.Bench;

/// <summary>A measurement could not be made; the message says why, in words for whoever asked for it.</summary>
internal sealed class BenchException(string message) : Exception(message);
