using FabLab.Contracts;

namespace FabLab.Gateway.Uploading;

/// <summary>The way to Booking for the journal.</summary>
public interface IJournalIntake
{
    Task<IntakeAnswer> SendAsync(JournalBatch batch, CancellationToken cancellationToken);
}

/// <summary>What came of a batch.</summary>
public abstract record IntakeAnswer
{
    private IntakeAnswer() { }

    /// <summary>Booking has committed what it says it accepted.</summary>
    public sealed record Received(JournalReceipt Receipt) : IntakeAnswer;

    /// <summary>Not reached, too slow, or in trouble itself. The batch is sent again, unchanged, for as long as it takes.</summary>
    public sealed record Unavailable(string Cause) : IntakeAnswer;

    /// <summary>Booking does not know this gateway or its key. A matter for a person; nothing is set aside for it.</summary>
    public sealed record NotLetIn(string Cause) : IntakeAnswer;

    /// <summary>Booking could not make sense of the batch as a whole.</summary>
    public sealed record NotUnderstood(string Code, string Cause) : IntakeAnswer;
}
