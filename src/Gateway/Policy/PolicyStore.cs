using System.Text.Json;
using FabLab.Core.Json;
using FabLab.Core.Policy;
using FabLab.Gateway.Journal;
using NodaTime;

namespace FabLab.Gateway.Policy;

/// <summary>The durable copy of the rules in the gateway's own file: what a gateway knows that starts with the line cut.</summary>
internal sealed class PolicyStore(GatewayJournal journal)
{
    private const string Put = "INSERT INTO policy_rule (kind, id, json) VALUES ($1, $2, $3) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json";

    // A copy that missed one batch must not take the next: it would say a revision that it does not hold.
    private bool _incomplete;

    // What the disk has not answered yet; nothing is sent after it.
    private Task _sent = Task.CompletedTask;

    public LabPolicy Load()
    {
        var head = journal.Read(s => s.Query(
            "SELECT revision, at FROM policy WHERE id = 1", r => (Revision: r.GetInt64(0), At: Instant.FromUnixTimeTicks(r.GetInt64(1)))));
        if (head.Count == 0)
            return LabPolicy.Empty;
        var entities = journal.Read(s => s.Query("SELECT json FROM policy_rule", r => Read(r.GetString(0))));
        return LabPolicy.From(entities, head[0].Revision, head[0].At);
    }

    /// <summary>Makes a batch durable; all of the policy instead when an earlier batch could not be written.</summary>
    /// <returns>False when it could not, or when the disk does not answer: the rules hold, and the next batch must not wait for it.</returns>
    public async Task<bool> SaveAsync(LabPolicy policy, IReadOnlyList<PolicyChange>? changes)
    {
        var all = changes is null || _incomplete ? policy.Entities().Select(e => ((long)e.Kind, e.Key.ToString("D"), Write(e))).ToList() : null;
        var some = all is null ? changes!.Select(c => ((long)c.Kind, c.Id.ToString("D"), c.Entity is null ? null : Write(c.Entity))).ToList() : null;
        _incomplete = !await PutAsync(s =>
        {
            if (all is not null)
            {
                s.Execute("DELETE FROM policy_rule");
                foreach (var (kind, id, json) in all)
                    s.Execute(Put, kind, id, json);
            }
            else
            {
                foreach (var (kind, id, json) in some!)
                {
                    if (json is null)
                        s.Execute("DELETE FROM policy_rule WHERE kind = $1 AND id = $2", kind, id);
                    else
                        s.Execute(Put, kind, id, json);
                }
            }
            return SetHead(s, policy);
        });
        return !_incomplete;
    }

    /// <summary>Remembers that the copy was confirmed, so that its age is known after a restart.</summary>
    public async Task ConfirmAsync(LabPolicy policy)
    {
        if (_incomplete)
            await SaveAsync(policy, null);
        else
            await PutAsync(s => SetHead(s, policy));
    }

    private async Task<bool> PutAsync(Func<JournalStatements, int> write)
    {
        if (!_sent.IsCompleted)
            return false;
        var written = journal.WriteAsync(write);
        _sent = written;
        return await journal.AnswersAsync(written) && (await written).Fault is null;
    }

    private static int SetHead(JournalStatements s, LabPolicy policy) => s.Execute(
        "INSERT INTO policy (id, revision, at) VALUES (1, $1, $2) ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, at = excluded.at",
        policy.Revision, policy.AsOf.ToUnixTimeTicks());

    private static string Write(PolicyEntity entity) => JsonSerializer.Serialize(entity, CoreJson.Options);

    private static PolicyEntity Read(string json) =>
        JsonSerializer.Deserialize<PolicyEntity>(json, CoreJson.Options) ?? throw new JsonException("an empty rule");
}
