using FabLab.Core;
using FabLab.Core.Policy;

namespace FabLab.Booking.Features.Projects;

/// <summary>A project machine time is counted for.</summary>
public sealed class Project
{
    public required ProjectId Id { get; init; }

    /// <summary>Short name in lists and files. Unique, lower case.</summary>
    public required string Code { get; set; }

    public required string Name { get; set; }

    /// <summary>In the words of the site: créatif, solidaire, autoformation.</summary>
    public string Type { get; set; } = "";

    public bool Closed { get; set; }

    /// <summary>Who may count time for it; empty = everybody.</summary>
    public ICollection<ProjectMember> Members { get; init; } = [];

    public long Version { get; set; }

    internal ProjectRule ToRule() => new()
    {
        Id = Id,
        Name = Name,
        Type = Type,
        People = [.. Members.Select(member => member.PersonId).OrderBy(id => id.Value)],
    };
}

public sealed class ProjectMember
{
    public required ProjectId ProjectId { get; init; }

    public required PersonId PersonId { get; init; }
}
