using System.Text.Json.Serialization;
using FabLab.Core;
using FabLab.Core.Json;
using NodaTime;

namespace FabLab.Booking.Features.Programmes;

/// <summary>A programme.</summary>
[JsonConverter(typeof(GuidIdConverter<ProgrammeId>))]
public readonly record struct ProgrammeId(Guid Value) : IGuidId<ProgrammeId>
{
    public static ProgrammeId From(Guid value) => new(value);

    public static ProgrammeId New(Instant now) => Ids.New<ProgrammeId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A funder.</summary>
[JsonConverter(typeof(GuidIdConverter<FunderId>))]
public readonly record struct FunderId(Guid Value) : IGuidId<FunderId>
{
    public static FunderId From(Guid value) => new(value);

    public static FunderId New(Instant now) => Ids.New<FunderId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A strand of a funder.</summary>
[JsonConverter(typeof(GuidIdConverter<StrandId>))]
public readonly record struct StrandId(Guid Value) : IGuidId<StrandId>
{
    public static StrandId From(Guid value) => new(value);

    public static StrandId New(Instant now) => Ids.New<StrandId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A partner organisation.</summary>
[JsonConverter(typeof(GuidIdConverter<PartnerId>))]
public readonly record struct PartnerId(Guid Value) : IGuidId<PartnerId>
{
    public static PartnerId From(Guid value) => new(value);

    public static PartnerId New(Instant now) => Ids.New<PartnerId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A pathway (parcours).</summary>
[JsonConverter(typeof(GuidIdConverter<PathwayId>))]
public readonly record struct PathwayId(Guid Value) : IGuidId<PathwayId>
{
    public static PathwayId From(Guid value) => new(value);

    public static PathwayId New(Instant now) => Ids.New<PathwayId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A step of a pathway.</summary>
[JsonConverter(typeof(GuidIdConverter<StepId>))]
public readonly record struct StepId(Guid Value) : IGuidId<StepId>
{
    public static StepId From(Guid value) => new(value);

    public static StepId New(Instant now) => Ids.New<StepId>(now);

    public override string ToString() => Value.ToString("D");
}

/// <summary>A skill.</summary>
[JsonConverter(typeof(GuidIdConverter<SkillId>))]
public readonly record struct SkillId(Guid Value) : IGuidId<SkillId>
{
    public static SkillId From(Guid value) => new(value);

    public static SkillId New(Instant now) => Ids.New<SkillId>(now);

    public override string ToString() => Value.ToString("D");
}
