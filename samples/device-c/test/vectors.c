/* Runs every vector of the contract that concerns a device. vectors <folder>; the exit code says how it went. */
#include "vectors.h"

#include "fl_bytes.h"
#include "fl_line.h"
#include "fl_sign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad;
static int good;

void check(const struct dom *vector, bool ok, const char *what)
{
    if (ok)
        return;
    bad++;
    printf("FAIL %s: %s\n", dom_text(vector, "id", "?"), what);
}

static const uint8_t tag_key_first = 100;

static void keys(struct dom *all)
{
    for (struct dom *v = all->first; v != NULL; v = v->next, good++) {
        uint8_t key[32], tag_key[32], out[32], want[64];
        char text[64];
        const char *label = dom_text(v, "label", ""), *device = dom_text(v, "device", ""), *tag = dom_text(v, "tag", "");
        for (int i = 0; i < 32; i++)
            tag_key[i] = (uint8_t)(tag_key_first + i);
        dom_hex(dom_text(v, "key", ""), key, 32);
        if (strcmp(label, "tag") == 0 || strcmp(label, "entry") == 0) {
            struct fl_hmac m;
            size_t n = dom_hex(dom_text(v, "hex", ""), want, sizeof want);
            uint32_t exp = (uint32_t)dom_number(v, "exp", 0);
            uint8_t entry[21];
            fl_hmac_begin(&m, tag_key, 32);
            fl_hmac_add(&m, tag, strlen(tag));
            fl_hmac_end(&m, out);
            memcpy(entry, out, 16);
            for (int i = 0; i < 4; i++)
                entry[16 + i] = (uint8_t)(exp >> (24 - 8 * i));
            entry[20] = (uint8_t)dom_number(v, "rights", 0);
            check(v, n >= 16 && memcmp(entry, want, n) == 0, "hash");
        } else if (strcmp(label, "proof") == 0) {
            struct fl_device d;
            char proof[23];
            memset(&d, 0, sizeof d);
            strcpy(d.who.id, device);
            fl_derive(key, "up", device, d.up_key);
            fl_proof(&d, proof);
            check(v, strcmp(proof, dom_text(v, "text", "")) == 0, "proof");
        } else {
            fl_derive(key, label, device, out);
            fl_base64(out, 32, text);
            if (dom_get(v, "hex") != NULL) {
                dom_hex(dom_text(v, "hex", ""), want, 32);
                check(v, memcmp(out, want, 32) == 0, "key");
            } else {
                check(v, strcmp(text, dom_text(v, "text", "")) == 0, "password");
            }
        }
    }
}

static void topics(struct dom *all)
{
    for (struct dom *v = all->first; v != NULL; v = v->next, good++) {
        const char *text = dom_text(v, "topic", ""), *kind = dom_text(v, "kind", NULL);
        char device[25] = "";
        enum fl_topic t = fl_topic_parse(text, strlen(text), device);
        if (kind == NULL) {
            check(v, t == FL_NO_TOPIC, "taken for a topic");
        } else {
            check(v, t != FL_NO_TOPIC && strcmp(fl_topic_name(t), kind) == 0, "kind");
            check(v, strcmp(device, dom_text(v, "device", "")) == 0, "device");
        }
    }
}

static void tags(struct dom *all)
{
    for (struct dom *v = all->first; v != NULL; v = v->next, good++) {
        const char *tag = dom_text(v, "tag", "");
        struct dom *texts = dom_get(v, "texts");
        struct dom *want = texts == NULL ? NULL : texts->first;
        char text[25];
        check(v, fl_is_tag(tag) == dom_flag(v, "ok"), "ok");
        for (int i = 0; texts != NULL && i < 3; i++) {
            if (!fl_tag_spelling(tag, i, text))
                continue;
            check(v, want != NULL && strcmp(text, want->text) == 0, text);
            want = want == NULL ? NULL : want->next;
        }
        check(v, want == NULL, "a spelling is missing");
    }
}

enum fl_topic topic_named(const char *name)
{
    for (int i = 0; i <= FL_GW_STATE; i++)
        if (strcmp(fl_topic_name((enum fl_topic)i), name) == 0)
            return (enum fl_topic)i;
    return FL_NO_TOPIC;
}

static void envelopes(struct dom *all)
{
    for (struct dom *v = all->first; v != NULL; v = v->next, good++) {
        static uint8_t bytes[4096];
        uint8_t key[32], k[32];
        struct fl_counter counter;
        enum fl_topic topic = topic_named(dom_text(v, "topic", ""));
        size_t n = dom_hex(dom_text(v, "hex", ""), bytes, sizeof bytes);
        const char *fault = dom_text(v, "fault", "");
        for (int i = 0; i < 32; i++)
            key[i] = (uint8_t)i;
        fl_derive(key, topic >= FL_DN_CMD ? "dn" : "up", "las-1", k);
        enum fl_fault f = fl_open(k, 1, "las-1", topic, (char *)bytes, n, &counter);
        check(v, strcmp(fl_fault_name(f), fault) == 0, fl_fault_name(f));
        if (f != FL_FINE)
            continue;
        const char *json = dom_text(v, "json", "");
        char again[FL_MESSAGE_MAX];
        check(v, counter.boot == (uint32_t)dom_number(v, "boot", 0), "boot");
        check(v, counter.count == (uint32_t)dom_number(v, "n", 0), "count");
        check(v, strlen(json) == n - FL_TRAILER && memcmp(json, bytes, n - FL_TRAILER) == 0, "json");
        memcpy(again, json, strlen(json));
        check(v, fl_seal(k, 1, "las-1", topic, counter, again, strlen(json)) == n && memcmp(again, bytes, n) == 0, "sealed");
    }
}

/* ---- Messages ---- */

static const char *const kinds[] = { "badge", "grant", "deny", "on", "off", "keep", "use", "boot", "fault", "lost" };

static void copy(char *out, size_t cap, const char *text) { snprintf(out, cap, "%s", text); }

/* What the device would hold to write this message; returns the length written. */
static size_t rewrite(struct dom *m, char *out)
{
    const char *name = dom_text(m, "m", "");
    if (strcmp(name, "will") == 0)
        return fl_write_will((uint32_t)dom_number(m, "bd", 0), out, FL_JSON_MAX);
    if (strcmp(name, "ask") == 0) {
        uint32_t n = (uint32_t)dom_number(m, "n", 0);
        return fl_write_ask(dom_text(m, "q", ""), (uint64_t)dom_number(m, "up", 0), dom_get(m, "n") ? &n : NULL, out, FL_JSON_MAX);
    }
    if (strcmp(name, "res") == 0) {
        struct fl_answer a = { dom_text(m, "re", ""), dom_text(m, "code", ""), dom_text(m, "c", NULL),
                               (uint64_t)dom_number(m, "up", 0), dom_get(m, "ch") != NULL, dom_get(m, "n") != NULL,
                               dom_get(m, "v") != NULL, dom_get(m, "i") != NULL, (uint8_t)dom_number(m, "ch", 0),
                               (uint16_t)dom_number(m, "i", 0), (uint32_t)dom_number(m, "n", 0), (uint32_t)dom_number(m, "v", 0) };
        return fl_write_answer(&a, out, FL_JSON_MAX);
    }
    if (strcmp(name, "me") == 0) {
        struct fl_reading r = { (uint32_t)dom_number(m, "mw", 0), (uint32_t)dom_number(m, "mv", 0), (uint32_t)dom_number(m, "ma", 0),
                                (uint64_t)dom_number(m, "mwh", 0), dom_get(m, "mv") != NULL, dom_get(m, "ma") != NULL,
                                dom_get(m, "mwh") != NULL };
        return fl_write_reading((uint8_t)dom_number(m, "mt", 0), (uint64_t)dom_number(m, "up", 0), &r, out, FL_JSON_MAX);
    }
    struct fl_board b;
    memset(&b, 0, sizeof b);
    b.fw = dom_text(m, "fw", "");
    b.hw = dom_text(m, "hw", "");
    for (struct dom *i = m == NULL || !dom_get(m, "rl") ? NULL : dom_get(m, "rl")->first; i; i = i->next)
        b.role[b.relays++] = i->text;
    for (struct dom *i = m == NULL || !dom_get(m, "rd") || dom_get(m, "rd")->type != DOM_ARRAY ? NULL : dom_get(m, "rd")->first; i; i = i->next)
        b.family[b.readers++] = i->text;
    if (strcmp(name, "claimed") == 0)
        return fl_write_claimed(dom_text(m, "code", ""), &b, dom_text(m, "proof", NULL), out, FL_JSON_MAX);
    if (strcmp(name, "birth") == 0) {
        struct dom *jr = dom_get(m, "jr");
        struct fl_birth birth;
        memset(&birth, 0, sizeof birth);
        birth.board = &b;
        b.display = (uint8_t)dom_number(m, "dp", 0);
        for (struct dom *i = dom_get(m, "mt")->first; i; i = i->next)
            b.measures[b.meters++] = (uint8_t)i->number;
        birth.pv = (uint8_t)dom_number(m, "pv", 0);
        birth.boot = (uint32_t)dom_number(m, "boot", 0);
        birth.bd = (uint32_t)dom_number(m, "bd", 0);
        birth.up = (uint64_t)dom_number(m, "up", 0);
        birth.first = (uint32_t)dom_number(jr, "first", 0);
        birth.last = (uint32_t)dom_number(jr, "last", 0);
        birth.free = (uint16_t)dom_number(jr, "free", 0);
        birth.lost = (uint32_t)dom_number(jr, "lost", 0);
        birth.list = (uint32_t)dom_number(m, "list", 0);
        birth.la = (uint32_t)dom_number(m, "la", 0);
        birth.cfg = (uint32_t)dom_number(m, "cfg", 0);
        birth.tk = (uint8_t)dom_number(m, "tk", 0);
        for (struct dom *i = dom_get(m, "st")->first; i; i = i->next, birth.closed++) {
            birth.st[birth.closed].ch = (uint8_t)dom_number(i, "ch", 0);
            birth.st[birth.closed].sid = dom_text(i, "sid", "");
            birth.st[birth.closed].left = (uint32_t)dom_number(i, "left", 0);
            birth.st[birth.closed].by = dom_text(i, "by", "");
        }
        birth.trial = dom_number(m, "tr", 0) == 1;
        for (struct dom *i = dom_get(m, "ft")->first; i; i = i->next, birth.faults++) {
            birth.ft[birth.faults].ch = (uint8_t)(i->text[0] - '0');
            birth.ft[birth.faults].code = i->text + 2;
        }
        return fl_write_birth(&birth, out, FL_JSON_MAX);
    }
    struct fl_record r;
    memset(&r, 0, sizeof r);
    while (r.kind < FL_LOST && strcmp(kinds[r.kind], dom_text(m, "k", "")) != 0)
        r.kind++;
    r.seq = (uint32_t)dom_number(m, "seq", 0);
    r.boot = (uint32_t)dom_number(m, "boot", 0);
    r.up = (uint64_t)dom_number(m, "up", 0);
    r.ts = (uint64_t)dom_number(m, "ts", 0);
    r.mwh = (uint64_t)dom_number(m, "mwh", 0);
    r.has_mwh = dom_get(m, "mwh") != NULL;
    r.ms = (uint64_t)dom_number(m, r.kind == FL_BOOT ? "lu" : "ms", 0);
    r.list = (uint32_t)dom_number(m, r.kind == FL_BOOT ? "lb" : r.kind == FL_LOST ? "cnt" : "list", 0);
    r.has_list = dom_get(m, "list") != NULL;
    r.max = (uint32_t)dom_number(m, "max", 0);
    r.ch = (uint8_t)dom_number(m, "ch", 0);
    r.rd = (uint8_t)dom_number(m, "rd", 0);
    r.on = r.kind == FL_FAULT ? dom_flag(m, "on") : (uint8_t)dom_number(m, "on", 0);
    r.has_off = dom_get(m, "off") != NULL;
    r.off = dom_flag(m, "off");
    copy(r.tag, sizeof r.tag, dom_text(m, "tag", ""));
    copy(r.sid, sizeof r.sid, dom_text(m, "sid", ""));
    copy(r.why, sizeof r.why, dom_text(m, r.kind == FL_BADGE ? "pf" : r.kind == FL_FAULT ? "f" : "why", ""));
    return fl_write_record(&r, out, FL_JSON_MAX);
}

/* Messages to the device are read; good ones from the device are what it must be able to write. Bad ones from the
   device are the gateway's to refuse. */
static void messages(struct dom *all)
{
    int skipped = 0;
    for (struct dom *v = all->first; v != NULL; v = v->next) {
        const char *topic = dom_text(v, "topic", ""), *fault = dom_text(v, "fault", "");
        struct dom *json = dom_get(v, "json");
        bool down = strncmp(topic, "dn/", 3) == 0 || strcmp(topic, "fl/1/gw/state") == 0 || strcmp(topic, "claim") == 0;
        char out[FL_JSON_MAX + 1];
        if (down) {
            struct fl_incoming in;
            enum fl_fault f = fl_read(topic_named(topic), json->text, json->n, &in);
            check(v, strcmp(fl_fault_name(f), fault) == 0, f == FL_FINE ? "taken" : fl_fault_name(f));
            if (f != FL_FINE && dom_get(v, "field") != NULL)
                check(v, in.field != NULL && strcmp(in.field, dom_text(v, "field", "")) == 0, in.field ? in.field : "no field");
            struct dom *entries = dom_get(v, "entries");
            int i = 0;
            for (struct dom *e = entries == NULL ? NULL : entries->first; e != NULL; e = e->next, i++)
                check(v, i < in.u.list.n && in.u.list.e[i * FL_ENTRY + 20] == dom_number(e, "rights", 99), "entry");
        } else if (fault[0] == 0 && !dom_flag(v, "rewritten")) {
            struct dom *m = dom_parse(json->text, json->n);
            /* A clock at 1970 is allowed to a device; this one says nothing of a clock it does not believe. */
            if (dom_get(m, "ts") != NULL && dom_number(m, "ts", 0) == 0)
                continue;
            size_t n = rewrite(m, out);
            check(v, n == json->n && memcmp(out, json->text, n) == 0, (out[n] = 0, out));
        } else {
            skipped++;
            continue;
        }
        good++;
    }
    printf("messages: %d left to the gateway's side\n", skipped);
}

/* ---- Frames ---- */

static char found[64][4000];
static int found_n;
static bool acknowledged;

static void note_frame(void *owner, uint8_t type, const uint8_t *payload, size_t n)
{
    (void)owner;
    int at = snprintf(found[found_n], sizeof found[0], "%02x:", type);
    for (size_t i = 0; i < n; i++)
        at += snprintf(found[found_n] + at, sizeof found[0] - (size_t)at, "%02x", payload[i]);
    found_n++;
}
static void note_fault(void *owner, enum fl_fault fault)
{
    (void)owner;
    snprintf(found[found_n++], sizeof found[0], "%s", fl_fault_name(fault));
}
static void note_write(void *owner, const uint8_t *bytes, size_t n)
{
    (void)owner;
    (void)bytes;
    (void)n;
    acknowledged = true;
}
static void note_delivered(void *owner, uint8_t type, uint16_t seq) { (void)owner; (void)type; (void)seq; }
static void note_dead(void *owner) { (void)owner; }

/* Acknowledgements do not arrive at a line's owner, and repetitions neither: those vectors are compared frame by
   frame with the decoder alone. */
static void frames(struct dom *all)
{
    for (struct dom *v = all->first; v != NULL; v = v->next, good++) {
        static uint8_t bytes[8192];
        const char *hex = dom_text(v, "hex", "");
        size_t n = dom_hex(hex, bytes, sizeof bytes);
        for (size_t piece = 1; piece <= 7; piece += 3) {
            static struct fl_line line;
            memset(&line, 0, sizeof line);
            line.write = note_write;
            line.arrived = note_frame;
            line.refused = note_fault;
            line.delivered = note_delivered;
            line.dead = note_dead;
            fl_line_begin(&line);
            found_n = 0;
            acknowledged = false;
            int i = 0;
            for (size_t at = 0; at < n; at += piece)
                fl_line_take(&line, bytes + at, n - at < piece ? n - at : piece, 0);
            for (struct dom *w = dom_get(v, "found")->first; w != NULL; w = w->next) {
                const char *fault = dom_text(w, "fault", NULL), *type = dom_text(w, "type", "");
                char want[4000];
                if (strcmp(type, "02") == 0 || (i > 0 && fault == NULL && dom_number(w, "seq", 0) == line.accepted && i >= found_n))
                    continue;
                snprintf(want, sizeof want, "%s%s%s", fault ? fault : type, fault ? "" : ":", fault ? "" : dom_text(w, "payload", ""));
                check(v, i < found_n && strcmp(found[i], want) == 0, i < found_n ? found[i] : "nothing more found");
                i++;
            }
            check(v, i == found_n, "found more");
            if (dom_get(v, "acknowledged") != NULL)
                check(v, acknowledged == dom_flag(v, "acknowledged"), "acknowledged");
        }
        /* Good frames are also what the writer makes of their parts. */
        struct dom *w = dom_get(v, "found")->first;
        if (w != NULL && w->next == NULL && dom_get(w, "fault") == NULL && strncmp(dom_text(v, "id", ""), "line.", 5) != 0) {
            static uint8_t payload[FL_MESSAGE_MAX], out[FL_ENCODED_MAX + 1], type[1];
            size_t m = dom_hex(dom_text(w, "payload", ""), payload, sizeof payload);
            dom_hex(dom_text(w, "type", ""), type, 1);
            size_t len = fl_frame_write(type[0], (uint16_t)dom_number(w, "seq", 0), payload, m, out);
            check(v, len == n && memcmp(out, bytes, n) == 0, "written otherwise");
        }
    }
}

/* SHA-512 of FIPS 180-4 and the four tests of RFC 8032, section 7.1, that are short enough to stand here: public key, message,
   signature. Each with one bit turned in each of them must fail. */
static void signatures(void)
{
    static const char abc[] = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
    static const struct { const char *key, *message, *signature; } tests[] = {
        { "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
        { "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
        { "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
          "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
        { "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", abc,
          "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704" },
    };
    struct fl_sha512 hash;
    uint8_t key[32], message[65], signature[64], digest[64], want[64];
    int fail = bad;
    fl_sha512_begin(&hash);
    fl_sha512_add(&hash, "abc", 3);
    fl_sha512_end(&hash, digest);
    dom_hex(abc, want, sizeof want);
    check(NULL, memcmp(digest, want, 64) == 0, "SHA-512 of abc");
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++, good++) {
        size_t n = dom_hex(tests[i].message, message, 64);
        dom_hex(tests[i].key, key, 32);
        dom_hex(tests[i].signature, signature, 64);
        check(NULL, fl_signed(key, signature, message, n), "a signature of RFC 8032");
        for (size_t byte = 0; byte < 32 + 64 + n; byte += 5) {
            uint8_t *at = byte < 32 ? key + byte : byte < 96 ? signature + byte - 32 : message + byte - 96;
            *at ^= (uint8_t)(1u << byte % 8);
            check(NULL, !fl_signed(key, signature, message, n), "a bent signature");
            *at ^= (uint8_t)(1u << byte % 8);
        }
        message[n] = 0;
        check(NULL, !fl_signed(key, signature, message, n + 1), "a signature over one byte more");
    }
    printf("%-16s %4d vectors, %d wrong\n", "RFC 8032", (int)(sizeof tests / sizeof tests[0]), bad - fail);
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "../../tests/Protocol.Vectors";
    static const struct { const char *name; void (*run)(struct dom *); } files[] = {
        { "keys.json", keys }, { "topics.json", topics }, { "tags.json", tags }, { "envelopes.json", envelopes },
        { "messages.json", messages }, { "frames.json", frames },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        int before = good, fail = bad;
        files[i].run(dom_file(folder, files[i].name));
        printf("%-16s %4d vectors, %d wrong\n", files[i].name, good - before, bad - fail);
    }
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "device.json" : "line.json";
        int fail = bad, n = scenarios(dom_file(folder, name), i == 1);
        good += n;
        printf("%-16s %4d vectors, %d wrong\n", name, n, bad - fail);
    }
    signatures();
    printf("%d vectors, %d complaints\n", good, bad);
    return bad == 0 ? 0 : 1;
}
