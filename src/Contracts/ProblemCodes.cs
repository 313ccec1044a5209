namespace FabLab.Contracts;

/// <summary>Stable values of the <c>code</c> member of every error answer (RFC 9457 problem details). Texts may change, codes do not.</summary>
public static class ProblemCodes
{
    /// <summary>The bearer key is missing or wrong, or belongs to another gateway.</summary>
    public const string GatewayUnknown = "gateway_unknown";

    /// <summary>The bearer key is missing or is the key of no kiosk.</summary>
    public const string KioskUnknown = "kiosk_unknown";

    /// <summary>Nobody is signed in.</summary>
    public const string SignInNeeded = "sign_in_needed";

    /// <summary>Somebody is signed in who may not do this.</summary>
    public const string NotAllowed = "not_allowed";

    /// <summary>The request has no valid anti-forgery token.</summary>
    public const string ForgeryToken = "forgery_token";

    /// <summary>The body is no JSON, or a member has the wrong type.</summary>
    public const string BadRequest = "bad_request";

    /// <summary>A value is outside its bounds; <c>field</c> names it.</summary>
    public const string BadValue = "bad_value";

    /// <summary>The body is larger than this address takes.</summary>
    public const string TooLarge = "too_large";

    /// <summary>There is no such thing, or no such address.</summary>
    public const string NotFound = "not_found";

    /// <summary>Somebody changed it in the meantime; read it again.</summary>
    public const string Stale = "stale";

    /// <summary>Too many attempts from here; wait.</summary>
    public const string TooManyAttempts = "too_many_attempts";

    /// <summary>The database could not store it. Nothing was changed.</summary>
    public const string StorageFailure = "storage_failure";

    /// <summary>Something broke that is a fault of the product. Nothing was changed.</summary>
    public const string Internal = "internal";
}
