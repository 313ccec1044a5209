namespace FabLab.TinyDevice; internal static class Program { private static int Main() => 0; }
