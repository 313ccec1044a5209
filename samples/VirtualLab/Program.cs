namespace FabLab.VirtualLab; internal static class Program { private static int Main() => 0; }
