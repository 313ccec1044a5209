/* Reading the gateway's messages. Every field is held against its type and limits; one that is not right refuses
   the message whole. The first fault found is kept, later calls do nothing. */
#include "fl_bytes.h"
#include "fl_json.h"
#include "fl_message.h"

#include <string.h>

#define U32 4294967295u
#define UPTIME 8796093022207ll
#define UTC_FROM 1704067200000ll
#define UTC_TO 4102444800000ll

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char codes[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";

struct reader {
    struct fl_value object;
    enum fl_fault fault;
    const char *field;
};

static void wrong(struct reader *r, enum fl_fault fault, const char *field)
{
    if (r->fault == FL_FINE) {
        r->fault = fault;
        r->field = field;
    }
}

/* label names the field in a fault: the name with its path. */
static bool need(struct reader *r, const char *label, bool must, struct fl_value *v)
{
    const char *dot = strchr(label, '.');
    if (r->fault != FL_FINE)
        return false;
    if (fl_json_member(r->object, dot == NULL ? label : dot + 1, v))
        return true;
    if (must)
        wrong(r, FL_MISSING, label);
    return false;
}

static int64_t whole(struct reader *r, struct fl_value v, const char *label, int64_t from, int64_t to)
{
    int64_t n;
    bool fits;
    if (!fl_json_integer(v, &n, &fits))
        wrong(r, FL_WRONG_TYPE, label);
    else if (!fits || n < from || n > to)
        wrong(r, FL_OUT_OF_RANGE, label);
    else
        return n;
    return from;
}

static int64_t number(struct reader *r, const char *label, bool must, int64_t from, int64_t to)
{
    struct fl_value v;
    return need(r, label, must, &v) ? whole(r, v, label, from, to) : 0;
}

static bool flag(struct reader *r, const char *label, bool must)
{
    struct fl_value v;
    if (!need(r, label, must, &v))
        return false;
    if (!fl_json_is_flag(v))
        wrong(r, FL_WRONG_TYPE, label);
    return fl_json_flag(v);
}

/* Bytes between from and cap - 1; set is the characters allowed, NULL for all but 00. Returns the length. */
static size_t text(struct reader *r, const char *label, bool must, const char *set, size_t from, char *out, size_t cap)
{
    struct fl_value v;
    out[0] = 0;
    if (!need(r, label, must, &v))
        return 0;
    if (!fl_json_is_text(v)) {
        wrong(r, FL_WRONG_TYPE, label);
        return 0;
    }
    int n = fl_json_text(v, out, cap);
    if (n < 0 || (size_t)n < from || strlen(out) != (size_t)n || (set != NULL && strspn(out, set) != (size_t)n)) {
        wrong(r, FL_OUT_OF_RANGE, label);
        out[0] = 0;
        return 0;
    }
    return (size_t)n;
}

static int choice(struct reader *r, const char *label, const char *const *names, int count)
{
    char word[8];
    if (text(r, label, true, NULL, 1, word, sizeof word) > 0)
        for (int i = 0; i < count; i++)
            if (strcmp(word, names[i]) == 0)
                return i;
    wrong(r, FL_OUT_OF_RANGE, label);
    return 0;
}

static bool array(struct reader *r, const char *label, bool must, struct fl_value *v)
{
    if (!need(r, label, must, v))
        return false;
    if (!fl_json_is_array(*v))
        wrong(r, FL_WRONG_TYPE, label);
    return r->fault == FL_FINE;
}

static void read_lease(struct reader *r, struct fl_lease *l)
{
    l->ch = (uint8_t)number(r, "ch", true, 0, 3);
    text(r, "sid", true, base64url, 1, l->sid, sizeof l->sid);
    l->n = (uint32_t)number(r, "n", true, 1, U32);
    l->ttl = (uint32_t)number(r, "ttl", true, 0, 43200000);
    if (l->ttl > 0 && l->ttl < 500)
        wrong(r, FL_OUT_OF_RANGE, "ttl");
    l->at = (uint64_t)number(r, "at", true, 0, UPTIME);
    l->start = flag(r, "s", false);
}

static const char *const lamps[] = { "yes", "no", "wait", "warn", "info" };

const char *fl_lamp_name(enum fl_lamp lamp) { return lamps[lamp]; }

static void read_show(struct reader *r, struct fl_show *s)
{
    struct fl_value v;
    s->rd = (uint8_t)number(r, "rd", true, 0, 3);
    s->k = (enum fl_lamp)choice(r, "k", lamps, 5);
    text(r, "t", true, NULL, 0, s->t, sizeof s->t);
    for (const uint8_t *p = (const uint8_t *)s->t; *p; p++)
        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0))
            wrong(r, FL_OUT_OF_RANGE, "t");
    s->s = (uint16_t)number(r, "s", true, 0, 600);
    text(r, "code", false, codes, 1, s->code, sizeof s->code);
    s->answers = need(r, "for", false, &v) ? (uint32_t)whole(r, v, "for", 1, U32) : 0;
}

static void read_config(struct reader *r, struct fl_config *c)
{
    static const char *const langs[] = { "fr", "en" }, *const ends[] = { "open", "finish" },
                      *const aways[] = { "deny", "list" };
    struct fl_value list, item;
    const char *cursor = NULL;
    int n = 0;
    c->v = (uint32_t)number(r, "v", true, 1, U32);
    c->si = (uint16_t)number(r, "si", true, 30, 600);
    c->hb = (uint16_t)number(r, "hb", true, 10, 600);
    c->us = (uint16_t)number(r, "us", true, 0, 3600);
    if (c->us > 0 && c->us < 60)
        wrong(r, FL_OUT_OF_RANGE, "us");
    c->me = (uint16_t)number(r, "me", true, 0, 3600);
    c->english = choice(r, "lang", langs, 2) == 1;
    if (array(r, "ch", true, &list)) {
        for (; r->fault == FL_FINE && fl_json_item(list, &cursor, &item); n++) {
            struct reader one = { item, FL_FINE, NULL };
            struct fl_policy *p = &c->ch[n];
            if (!fl_json_is_object(item))
                wrong(r, FL_WRONG_TYPE, "ch");
            else if (n == FL_CHANNELS)
                wrong(r, FL_OUT_OF_RANGE, "ch");
            if (r->fault != FL_FINE)
                break;
            p->finish = choice(&one, "ch.ll", ends, 2) == 1;
            p->cap = (uint32_t)number(&one, "ch.cap", true, 0, 172800);
            p->mw = (uint32_t)number(&one, "ch.mw", true, 0, U32);
            p->idle = (uint16_t)number(&one, "ch.idle", true, 0, 3600);
            p->list = choice(&one, "ch.of", aways, 2) == 1;
            p->age = (uint32_t)number(&one, "ch.age", true, 0, 2592000);
            p->omax = (uint32_t)number(&one, "ch.omax", true, 0, 43200);
            if (p->finish && p->cap == 0)
                wrong(&one, FL_CONTRADICTION, "ch.cap");
            if (one.fault != FL_FINE)
                wrong(r, one.fault, one.field);
        }
    }
    cursor = NULL;
    n = 0;
    if (array(r, "rc", true, &list))
        for (; r->fault == FL_FINE && fl_json_item(list, &cursor, &item); n++) {
            if (n == FL_READERS)
                wrong(r, FL_OUT_OF_RANGE, "rc");
            else
                c->rc[n] = (uint8_t)whole(r, item, "rc", 0, 3);
        }
}

static void read_time(struct reader *r, struct fl_time *t)
{
    t->t = (uint64_t)number(r, "t", true, UTC_FROM, UTC_TO);
    text(r, "c", true, base64url, 8, t->c, sizeof t->c);
    t->list = (uint32_t)number(r, "list", true, 0, U32);
}

static void read_ack(struct reader *r, struct fl_ack *a)
{
    struct fl_value list, item;
    const char *cursor = NULL;
    a->seq = (uint32_t)number(r, "seq", true, 0, U32);
    if (array(r, "bad", false, &list))
        while (r->fault == FL_FINE && fl_json_item(list, &cursor, &item)) {
            whole(r, item, "bad", 1, U32);
            if (++a->bad > 16)
                wrong(r, FL_OUT_OF_RANGE, "bad");
        }
}

static void read_list(struct reader *r, struct fl_list_part *l)
{
    struct fl_value v;
    l->v = (uint32_t)number(r, "v", true, 1, U32);
    l->base = (uint32_t)number(r, "base", true, 0, U32);
    l->i = (uint16_t)number(r, "i", true, 0, 999);
    l->of = (uint16_t)number(r, "of", true, 1, 1000);
    l->tk = (uint8_t)number(r, "tk", true, 1, 255);
    l->at = (uint32_t)number(r, "at", true, 0, U32);
    l->cnt = (uint16_t)number(r, "cnt", true, 0, 20000);
    if (need(r, "e", true, &v)) {
        char packed[FL_CHUNK * 28 + 1];
        size_t n = text(r, "e", true, base64url, 0, packed, sizeof packed);
        if (n % 28 != 0)
            wrong(r, FL_OUT_OF_RANGE, "e");
        else if (r->fault == FL_FINE)
            l->n = (uint8_t)(fl_unbase64(packed, n, l->e, sizeof l->e) / FL_ENTRY);
        for (int i = 0; i < l->n; i++)
            if (l->e[i * FL_ENTRY + 20] > 15)
                wrong(r, FL_OUT_OF_RANGE, "e");
    }
    if (r->fault == FL_FINE && l->base >= l->v)
        wrong(r, FL_CONTRADICTION, "base");
    if (r->fault == FL_FINE && l->i >= l->of)
        wrong(r, FL_CONTRADICTION, "i");
}

static bool key(struct reader *r, const char *label, bool must, uint8_t out[32])
{
    char packed[44];
    size_t n = text(r, label, must, base64url, 43, packed, sizeof packed);
    if (n > 0 && fl_unbase64(packed, n, out, 32) != 32)
        wrong(r, FL_OUT_OF_RANGE, label);
    return n > 0;
}

#if FL_OTA
static void printable(struct reader *r, const char *label, char *out, size_t cap)
{
    text(r, label, true, NULL, 1, out, cap);
    for (const uint8_t *p = (const uint8_t *)out; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            wrong(r, FL_OUT_OF_RANGE, label);
}
#endif

static void read_claim(struct reader *r, struct fl_claim *c)
{
    struct fl_value v;
    text(r, "dev", true, NULL, 1, c->dev, sizeof c->dev);
    if (r->fault == FL_FINE && !fl_is_device_id(c->dev))
        wrong(r, FL_OUT_OF_RANGE, "dev");
    c->kid = (uint8_t)number(r, "kid", true, 1, 255);
    key(r, "k", true, c->k);
    c->tkid = need(r, "tkid", false, &v) ? (uint8_t)whole(r, v, "tkid", 1, 255) : 0;
    c->has_tk = key(r, "tk", false, c->tk);
    text(r, "host", false, NULL, 1, c->host, sizeof c->host);
    for (const uint8_t *p = (const uint8_t *)c->host; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            wrong(r, FL_OUT_OF_RANGE, "host");
    c->port = need(r, "port", false, &v) ? (uint16_t)whole(r, v, "port", 1, 65535) : 0;
    text(r, "ssid", false, NULL, 1, c->ssid, sizeof c->ssid);
    text(r, "pass", false, NULL, 0, c->pass, sizeof c->pass);
    if (r->fault == FL_FINE && c->has_tk != (c->tkid != 0))
        wrong(r, FL_CONTRADICTION, "tk");
}

#if FL_OTA
static void read_offer(struct reader *r, struct fl_offer *o)
{
    static const char code[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    char packed[87];
    size_t n;
    printable(r, "fw", o->fw, sizeof o->fw);
    text(r, "md", true, code, 1, o->md, sizeof o->md);
    printable(r, "min", o->min, sizeof o->min);
    o->size = (uint32_t)number(r, "size", true, 1, 16777216);
    key(r, "sha", true, o->sha);
    n = text(r, "sig", true, base64url, 86, packed, sizeof packed);
    if (n > 0 && fl_unbase64(packed, n, o->sig, sizeof o->sig) != (int)sizeof o->sig)
        wrong(r, FL_OUT_OF_RANGE, "sig");
}

static void read_part(struct reader *r, struct fl_part *p)
{
    char packed[(FL_PIECE * 8 + 5) / 6 + 1];
    size_t n;
    int got;
    p->o = (uint32_t)number(r, "o", true, 0, 16777216 - FL_PIECE);
    if (p->o % FL_PIECE != 0)
        wrong(r, FL_OUT_OF_RANGE, "o");
    n = text(r, "b", true, base64url, 2, packed, sizeof packed);
    if (n > 0 && (got = fl_unbase64(packed, n, p->b, sizeof p->b)) > 0)
        p->n = (uint16_t)got;
    else if (n > 0)
        wrong(r, FL_OUT_OF_RANGE, "b");
}
#endif

static void read_gw(struct reader *r, struct fl_gw *g)
{
    g->on = flag(r, "on", true);
    g->t = (uint64_t)number(r, "t", true, 0, UTC_TO);
    g->epoch = (uint32_t)number(r, "epoch", true, 0, U32);
}

static bool kind_of(struct reader *r, enum fl_topic topic, enum fl_kind *kind)
{
    static const struct { const char *name; enum fl_topic topic; enum fl_kind kind; } known[] = {
        { "lease", FL_DN_CMD, FL_LEASE }, { "show", FL_DN_CMD, FL_SHOW }, { "config", FL_DN_CMD, FL_CONFIG },
        { "time", FL_DN_CMD, FL_TIME }, { "rebirth", FL_DN_CMD, FL_REBIRTH }, { "ack", FL_DN_ACK, FL_ACK },
        { "list", FL_DN_LIST, FL_LIST }, { "claim", FL_NO_TOPIC, FL_CLAIM },
#if FL_OTA
        { "ota", FL_DN_CMD, FL_OFFER }, { "part", FL_DN_CMD, FL_PART }, { "confirm", FL_DN_CMD, FL_CONFIRM },
#endif
    };
    struct fl_value v;
    char m[FL_JSON_MAX + 1];
    if (!need(r, "m", true, &v))
        return false;
    if (!fl_json_is_text(v)) {
        wrong(r, FL_WRONG_TYPE, "m");
        return false;
    }
    fl_json_text(v, m, sizeof m);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].topic == topic && strcmp(known[i].name, m) == 0) {
            *kind = known[i].kind;
            return true;
        }
    wrong(r, FL_UNKNOWN_MESSAGE, NULL);
    return false;
}

enum fl_fault fl_read(enum fl_topic topic, const char *json, size_t n, struct fl_incoming *in)
{
    struct reader r = { { NULL, NULL }, FL_FINE, NULL };
    memset(in, 0, sizeof *in);
    if (n > FL_JSON_MAX)
        return FL_TOO_LONG;
    if (!fl_json_check(json, n, &r.object))
        return FL_NOT_JSON;
    if (topic == FL_GW_STATE)
        in->kind = FL_GW;
    else if (!kind_of(&r, topic, &in->kind)) {
        in->field = r.field;
        return r.fault;
    }
    switch (in->kind) {
    case FL_LEASE: read_lease(&r, &in->u.lease); break;
    case FL_SHOW: read_show(&r, &in->u.show); break;
    case FL_CONFIG: read_config(&r, &in->u.config); break;
    case FL_TIME: read_time(&r, &in->u.time); break;
    case FL_REBIRTH: break;
    case FL_ACK: read_ack(&r, &in->u.ack); break;
    case FL_LIST: read_list(&r, &in->u.list); break;
    case FL_GW: read_gw(&r, &in->u.gw); break;
    case FL_CLAIM: read_claim(&r, &in->u.claim); break;
#if FL_OTA
    case FL_OFFER: read_offer(&r, &in->u.offer); break;
    case FL_PART: read_part(&r, &in->u.part); break;
    case FL_CONFIRM: printable(&r, "fw", in->u.confirm.fw, sizeof in->u.confirm.fw); break;
#else
    default: break;
#endif
    }
    in->field = r.field;
    return r.fault;
}
