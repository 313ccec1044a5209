using FabLab.Core.Access;
using FabLab.Core.Badges;
using FabLab.Core.Policy;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;

namespace FabLab.Core.Tests.Policy;

public sealed class LabPolicyTests
{
    [Fact]
    public void A_batch_that_comes_twice_changes_nothing()
    {
        PolicyChange[] batch = [PolicyChange.Put(8, Lab.MakerRule with { Active = false }), PolicyChange.Remove(9, PolicyKind.Machine, Lab.Saw.Value)];

        LabPolicy once = Lab.Policy().Apply(batch, Lab.Now);
        LabPolicy twice = once.Apply(batch, Lab.Now);

        Assert.Equal(9, twice.Revision);
        Assert.False(twice.Person(Lab.Maker)!.Active);
        Assert.Null(twice.Machine(Lab.Saw));
        Assert.Equal(Entities(once), Entities(twice));
    }

    [Fact]
    public void An_old_change_does_not_undo_a_newer_one()
    {
        LabPolicy policy = Lab.Policy().Apply([PolicyChange.Put(8, Lab.MakerRule with { Active = false })], Lab.Now);

        policy = policy.Apply([PolicyChange.Put(7, Lab.MakerRule), PolicyChange.Put(8, Lab.MakerRule)], Lab.Now);

        Assert.False(policy.Person(Lab.Maker)!.Active);
    }

    [Fact]
    public void Several_changes_of_one_revision_are_applied_together()
    {
        LabPolicy policy = Lab.Policy().Apply(
            [PolicyChange.Put(8, Lab.MakerRule with { ShortCode = "A" }), PolicyChange.Put(8, Lab.MentorRule with { ShortCode = "B" })], Lab.Now);

        Assert.Equal(("A", "B", 8L), (policy.Person(Lab.Maker)!.ShortCode, policy.Person(Lab.Mentor)!.ShortCode, policy.Revision));
    }

    [Fact]
    public void A_change_that_carries_another_rule_than_it_says_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Lab.Policy().Apply([new PolicyChange(8, PolicyKind.Badge, Lab.Maker.Value, Lab.MakerRule)], Lab.Now));
        Assert.Throws<ArgumentException>(() => Lab.Policy().Apply([new PolicyChange(8, PolicyKind.Person, Lab.Mentor.Value, Lab.MakerRule)], Lab.Now));
    }

    [Fact]
    public void Age_is_never_set_back()
    {
        LabPolicy policy = Lab.Policy().Confirm(Lab.Now);

        Assert.Equal(Lab.Now, policy.Confirm(Lab.Now - Duration.FromHours(1)).AsOf);
        Assert.Equal(Lab.Now, policy.Apply([], Lab.Now - Duration.FromHours(1)).AsOf);
        Assert.Equal(Lab.Now + Duration.FromHours(1), policy.Confirm(Lab.Now + Duration.FromHours(1)).AsOf);
        Assert.Equal(policy.Revision, policy.Confirm(Lab.Now + Duration.FromHours(1)).Revision);
    }

    [Fact]
    public void A_badge_follows_its_new_number_and_its_new_owner()
    {
        LabPolicy policy = Lab.Policy().Apply(
            [PolicyChange.Put(8, Lab.MakerBadgeRule with { Print = Lab.Print("em:0C000621A5"), Person = Lab.Mentor })], Lab.Now);

        Assert.Equal(new BadgeMatch.Unknown(), policy.Badges.Find(Lab.Print("em:62E3086CED"), truncates: false));
        Assert.Equal(new BadgeMatch.Known(Lab.MakerBadge), policy.Badges.Find(Lab.Print("em:0C000621A5"), truncates: false));
        Assert.Equal(Lab.Mentor, policy.Badge(Lab.MakerBadge)!.Person);
        LabPolicy removed = policy.Apply([PolicyChange.Remove(9, PolicyKind.Badge, Lab.MakerBadge.Value)], Lab.Now);
        Assert.Equal(new BadgeMatch.Unknown(), removed.Badges.Find(Lab.Print("em:0C000621A5"), truncates: false));
    }

    [Fact]
    public void A_habilitation_that_moves_to_another_person_leaves_the_first()
    {
        LabPolicy policy = Lab.Policy().Apply([PolicyChange.Put(8, Lab.MakerHabilitation with { Person = Lab.Stranger })], Lab.Now);

        Assert.Empty(policy.Habilitations(Lab.Maker));
        Assert.Equal([Lab.MakerHabilitation with { Person = Lab.Stranger }], policy.Habilitations(Lab.Stranger));
    }

    [Fact]
    public void Machines_are_found_by_code_and_by_device()
    {
        DeviceId box = new("box-1");
        DeviceId reader = new("reader-1");
        MachineRule laser = Lab.LaserRule with
        {
            Devices = [new DeviceBinding(DeviceRole.Relay, box), new DeviceBinding(DeviceRole.Meter, box), new DeviceBinding(DeviceRole.Reader, reader, 0, "em-hex10")],
        };

        LabPolicy policy = Lab.Policy(laser, Lab.LaserRule with { Id = Lab.Saw, Code = "SCI-1", Devices = [new DeviceBinding(DeviceRole.Relay, box, 1)] });

        Assert.Equal(Lab.Laser, policy.Machine("las-1")!.Id);
        Assert.Null(policy.Machine("XXX"));
        Assert.Equal([Lab.Laser, Lab.Saw], policy.MachinesOf(box).Order(Comparer<MachineId>.Create((a, b) => a.Value.CompareTo(b.Value))));
        Assert.Equal([Lab.Laser], policy.MachinesOf(reader));
        Assert.Empty(policy.MachinesOf(new DeviceId("other")));
        LabPolicy unbound = policy.Apply([PolicyChange.Put(8, Lab.LaserRule)], Lab.Now);
        Assert.Equal([Lab.Saw], unbound.MachinesOf(box));
        Assert.Empty(unbound.MachinesOf(reader));
        Assert.Equal(1, policy.Machine(Lab.Saw)!.Device(DeviceRole.Relay)!.Channel);
        Assert.Null(policy.Machine(Lab.Saw)!.Device(DeviceRole.Meter));
    }

    [Fact]
    public void A_site_without_a_known_zone_says_utc()
    {
        Assert.Equal("UTC", Lab.Policy(Lab.Site with { Zone = "Europe/Nowhere" }).Zone.Id);
        Assert.Equal("Europe/Paris", LabPolicy.Empty.Apply([PolicyChange.Put(1, Lab.Site)], Lab.Now).Zone.Id);
        Assert.Equal(new SiteRule(), Lab.Policy().Apply([PolicyChange.Remove(8, PolicyKind.Site, Guid.Empty)], Lab.Now).Site);
    }

    [Fact]
    public void A_copy_made_of_all_rules_is_the_same_policy()
    {
        LabPolicy policy = Lab.Policy();

        LabPolicy copy = LabPolicy.From(policy.Entities(), policy.Revision, policy.AsOf);

        Assert.Equal(Entities(policy), Entities(copy));
        Assert.Equal(AccessRules.Ask(policy, Lab.Pair), AccessRules.Ask(copy, Lab.Pair));
    }

    [Fact]
    public void Any_way_to_the_same_rules_gives_the_same_policy()
    {
        // A random history of puts and removals, cut into random batches, against the rules that should be left.
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            Random random = new(seed);
            Dictionary<(PolicyKind, Guid), PolicyEntity> left = [];
            LabPolicy policy = LabPolicy.Empty;
            long revision = 0;
            for (int batch = 0; batch < 6; batch++)
            {
                List<PolicyChange> changes = [];
                for (int i = 0; i < random.Next(5); i++)
                {
                    PolicyEntity entity = Lab.Everything[random.Next(Lab.Everything.Count)];
                    if (entity is HabilitationRule habilitation && random.Next(2) == 0)
                    {
                        entity = habilitation with { Person = Lab.Stranger };
                    }

                    revision++;
                    bool remove = random.Next(3) == 0;
                    changes.Add(remove ? PolicyChange.Remove(revision, entity.Kind, entity.Key) : PolicyChange.Put(revision, entity));
                    left.Remove((entity.Kind, entity.Key));
                    if (!remove)
                    {
                        left[(entity.Kind, entity.Key)] = entity;
                    }
                }

                policy = policy.Apply(changes, Lab.Now).Apply(changes, Lab.Now);
            }

            LabPolicy expected = LabPolicy.From(left.Values, revision, Lab.Now);
            return Entities(policy).SequenceEqual(Entities(expected))
                && policy.Habilitations(Lab.Stranger).ToHashSet().SetEquals(expected.Habilitations(Lab.Stranger))
                && policy.Badges.Find(Lab.Print("em:62E3086CED"), false).Equals(expected.Badges.Find(Lab.Print("em:62E3086CED"), false));
        }));
    }

    private static List<PolicyEntity> Entities(LabPolicy policy) => [.. policy.Entities().OrderBy(e => (e.Kind, e.Key))];
}
