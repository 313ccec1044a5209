namespace FabLab.Core.Access;
/// <summary>x</summary>
public static class AccessWords
{
    /// <summary>x</summary>
    public static Words Sentence(AccessReason reason, AccessFacts facts) => new("", "");
    /// <summary>x</summary>
    public static Words NextStep(AccessReason reason, AccessFacts facts) => new("", "");
}
