/* The device's life: start, link, incoming messages, the journal's way out. */
#include "fl_device.h"

#include "fl_bytes.h"

#include <string.h>

#define GAP_MS 5000
#define UTC_FROM 1704067200000ull
#define UTC_TO 4102444800000ull

bool fl_is_held(const struct fl_device *d) { return d->who.enrolment != 0; }

bool fl_clock_now(const struct fl_device *d, uint64_t *ms)
{
    *ms = d->clock_offset + hal_now();
    return d->clock_set;
}

void fl_clock(struct fl_device *d, uint64_t t)
{
    if (!d->clock_set && t >= UTC_FROM && t <= UTC_TO) {
        d->clock_set = true;
        d->clock_offset = t - hal_now();
    }
}

void fl_say(struct fl_device *d, uint8_t rd, enum fl_lamp lamp, const char *code, uint16_t seconds)
{
    static const struct { const char *code, *fr, *en; } sentences[] = {
        { "offline", "La liaison est coupée. Cette machine attend son retour.",
          "The connection is down. This machine waits for it." },
        { "unknown", "Ce badge n’ouvre pas cette machine pendant la coupure.",
          "This badge cannot start this machine while the connection is down." },
        { "expired", "Votre droit sur cette machine a pris fin.", "Your right to use this machine has ended." },
        { "list-old", "La liaison est coupée depuis trop longtemps.", "The connection has been down for too long." },
        { "busy", "La machine est déjà utilisée.", "The machine is in use." },
        { "fault", "La machine est en panne.", "The machine is out of order." },
        { "full", "Le boîtier ne peut plus rien noter. Prévenez l’équipe.",
          "The device has no room left for records. Tell the team." },
        { "no-answer", "Pas de réponse. Présentez le badge encore une fois.", "No answer. Hold the badge again." },
        { "asking", "Un instant…", "One moment…" },
        { "granted", "Vous pouvez utiliser la machine.", "You can use the machine." },
        { "stopped", "C’est noté, à bientôt.", "Noted, see you soon." },
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].code, code) == 0)
            hal_show(rd, lamp, d->config.english ? sentences[i].en : sentences[i].fr, seconds, code);
}

/* ---- Start and enrolment ---- */

static void begin(struct fl_device *d, const char *why)
{
    struct fl_record r;
    d->state.boot++;
    /* A boot number that is not durable would be used twice, and the counters with it: then say nothing at all. */
    d->mute = !fl_store_state(d);
    memset(&r, 0, sizeof r);
    r.kind = FL_BOOT;
    strcpy(r.why, why);
    r.list = d->state.beat_boot;
    r.ms = d->state.beat_up;
    r.on = d->state.beat_on;
    fl_append(d, &r);
    fl_beat(d);
}

void fl_start(struct fl_device *d, const char *why)
{
    const struct fl_board *board = d->board;
    void *transport = d->transport;
    bool (*publish)(void *, enum fl_topic, const char *, size_t) = d->publish;
    uint32_t places = d->places;
    memset(d, 0, sizeof *d);
    d->board = board;
    d->transport = transport;
    d->publish = publish;
    d->places = places;
    for (uint8_t ch = 0; ch < d->board->relays; ch++)
        hal_relay(ch, false);
    fl_store_open(d);
#if FL_OTA
    fl_ota_begin(d);
#endif
    if (fl_is_held(d))
        begin(d, why);
}

bool fl_enrol(struct fl_device *d, const struct fl_claim *c)
{
    struct fl_identity before = d->who;
    memset(&d->who, 0, sizeof d->who);
    /* All other memory names its enrolment, so this one save is the whole erasure. */
    d->who.enrolment = before.enrolment + 1;
    d->who.kid = c->kid;
    d->who.tkid = c->tkid;
    d->who.port = c->port;
    memcpy(d->who.id, c->dev, sizeof d->who.id);
    memcpy(d->who.host, c->host, sizeof d->who.host);
    memcpy(d->who.ssid, c->ssid, sizeof d->who.ssid);
    memcpy(d->who.pass, c->pass, sizeof d->who.pass);
    memcpy(d->who.key, c->k, 32);
    memcpy(d->who.tag_key, c->tk, 32);
    if (!fl_store_identity(d)) {
        d->who = before;
        return false;
    }
    hal_log("enrolled", d->who.id);
    fl_start(d, "soft");
    return true;
}

void fl_proof(const struct fl_device *d, char proof[23])
{
    struct fl_hmac m;
    uint8_t mac[32];
    fl_hmac_begin(&m, d->up_key, 32);
    fl_hmac_add(&m, "claimed", 8);
    fl_hmac_add(&m, d->who.id, strlen(d->who.id));
    fl_hmac_end(&m, mac);
    fl_base64(mac, 16, proof);
}

/* ---- Going out ---- */

bool fl_send(struct fl_device *d, enum fl_topic topic, size_t n)
{
    struct fl_counter counter = { d->state.boot, d->count + 1 };
    if (n == 0 || !d->connected || d->mute)
        return false;
    d->count++;
    n = fl_seal(d->up_key, d->who.kid, d->who.id, topic, counter, d->out, n);
    return d->publish(d->transport, topic, d->out, n);
}

bool fl_answer(struct fl_device *d, const struct fl_answer *a)
{
    return fl_send(d, FL_UP_RES, fl_write_answer(a, d->out, FL_JSON_MAX));
}

static void ask(struct fl_device *d, const char *q, const uint32_t *n, bool *sent, uint64_t *at)
{
    if (*sent && hal_now() - *at < GAP_MS)
        return;
    *sent = true;
    *at = hal_now();
    fl_send(d, FL_UP_RES, fl_write_ask(q, hal_now(), n, d->out, FL_JSON_MAX));
}

static void birth(struct fl_device *d)
{
    static const uint8_t order[FL_FAULTS] = { FL_FLASH, FL_WELD, FL_RELAY, FL_HEAT, FL_METER, FL_READER };
    static const char *const by[] = { "lease", "keep", "list" };
    struct fl_birth b;
    uint64_t now = hal_now();
    memset(&b, 0, sizeof b);
    b.board = d->board;
    b.boot = d->state.boot;
    b.bd = d->bd;
    b.up = now;
    b.first = d->state.first;
    b.last = d->last;
    b.lost = d->state.lost;
    b.free = (uint16_t)(d->places - fl_taken(d));
    b.list = d->list.v;
    b.la = d->list.v == 0 ? 0 : d->state.la;
    b.cfg = d->config.v;
    b.tk = d->who.tkid;
    b.trial = d->trial;
    b.pv = FL_OTA;
    for (uint8_t ch = 0; ch < d->board->relays; ch++)
        if (d->ch[ch].closed) {
            b.st[b.closed].ch = ch;
            b.st[b.closed].sid = d->ch[ch].sid;
            b.st[b.closed].by = by[d->ch[ch].by];
            b.st[b.closed++].left = (uint32_t)(d->ch[ch].deadline > now ? d->ch[ch].deadline - now : 0);
        }
    for (int i = 0; i < FL_FAULTS; i++)
        for (uint8_t ch = 0; ch < d->board->relays && b.faults < 4; ch++)
            if (d->ch[ch].faults >> order[i] & 1) {
                b.ft[b.faults].ch = ch;
                b.ft[b.faults++].code = fl_fault_code(order[i]);
            }
    fl_send(d, FL_UP_STATE, fl_write_birth(&b, d->out, FL_JSON_MAX));
}

static void unasked_birth(struct fl_device *d)
{
    if (d->birth_sent && hal_now() - d->birth_at < GAP_MS)
        return;
    d->birth_sent = true;
    d->birth_at = hal_now();
    birth(d);
}

bool fl_there(const struct fl_device *d)
{
    return d->connected && d->heard && !d->gw_away && hal_now() - d->heard_at < d->config.si * 1000ull;
}

static bool send_record(struct fl_device *d, uint32_t seq)
{
    struct fl_record r;
    if (!fl_record_load(d, seq, &r)) {
        /* The place has rotted. Its number must not stay a hole, so what went is told in its stead. */
        memset(&r, 0, sizeof r);
        r.kind = FL_LOST;
        r.seq = seq;
        r.boot = d->state.boot;
        r.up = hal_now();
        r.list = 1;
    }
    return fl_send(d, FL_UP_EV, fl_write_record(&r, d->out, FL_JSON_MAX));
}

void fl_flush(struct fl_device *d)
{
    static const uint8_t wait[] = { 10, 20, 40, 60 };
    uint64_t now = hal_now();
    if (d->quiet || !fl_there(d))
        return;
    for (uint32_t i = 0; i < FL_WINDOW && i < fl_taken(d); i++) {
        if (d->window[i].tries > 0 && now < d->window[i].due)
            continue;
        if (!send_record(d, d->state.first + i))
            return;
        d->window[i].due = now + wait[d->window[i].tries < 4 ? d->window[i].tries : 3] * 1000ull;
        if (d->window[i].tries < 4)
            d->window[i].tries++;
    }
}

void fl_express(struct fl_device *d, uint32_t seq)
{
    fl_flush(d);
    if (fl_there(d) && seq - d->state.first >= FL_WINDOW)
        send_record(d, seq);
}

static void from_oldest(struct fl_device *d) { memset(d->window, 0, sizeof d->window); }

size_t fl_connecting(struct fl_device *d, char *will)
{
    struct fl_counter counter = { d->state.boot, ++d->count };
    size_t n = fl_write_will(++d->bd, will, FL_JSON_MAX);
    return fl_seal(d->up_key, d->who.kid, d->who.id, FL_UP_STATE, counter, will, n);
}

void fl_connected(struct fl_device *d)
{
    if (!fl_is_held(d))
        return;
    d->connected = true;
    d->heard = false;
    d->gw_away = false;
    from_oldest(d);
    birth(d);
}

void fl_dropped(struct fl_device *d)
{
    d->connected = false;
    d->heard = false;
}

/* ---- Coming in ---- */

static void take_ack(struct fl_device *d, const struct fl_ack *a)
{
    uint32_t gone;
    if (a->seq > d->last || a->seq < d->state.first)
        return;
    gone = a->seq + 1 - d->state.first;
    d->state.first = a->seq + 1;
    fl_store_state(d);
    for (uint32_t i = 0; i < FL_WINDOW; i++) {
        d->window[i].tries = i + gone < FL_WINDOW ? d->window[i + gone].tries : 0;
        d->window[i].due = i + gone < FL_WINDOW ? d->window[i + gone].due : 0;
    }
}

static void take_time(struct fl_device *d, const struct fl_time *t)
{
    struct fl_answer a = { .re = "time", .code = "ok", .up = hal_now(), .c = t->c };
    uint64_t clock;
    fl_answer(d, &a);
    if (!fl_clock_now(d, &clock) || t->t > clock) {
        d->clock_set = true;
        d->clock_offset = t->t - hal_now();
    }
    if (t->list == 0)
        return;
    if (t->list == d->list.v) {
        if (t->t / 1000 > d->state.la)
            d->state.la = (uint32_t)(t->t / 1000);
    } else if (d->who.tkid != 0) {
        ask(d, "list", NULL, &d->ask_list_sent, &d->ask_list_at);
    }
}

static void take_show(struct fl_device *d, const struct fl_show *s)
{
    if (s->rd >= d->board->readers) {
        struct fl_answer a = { .re = "show", .code = "ch", .up = hal_now() };
        fl_answer(d, &a);
    } else {
        d->asking[s->rd].on = false;
        hal_show(s->rd, s->k, s->t, s->s, s->code);
    }
}

static void take(struct fl_device *d)
{
    switch (d->in.kind) {
    case FL_LEASE: fl_lease(d, &d->in.u.lease); break;
    case FL_SHOW: take_show(d, &d->in.u.show); break;
    case FL_TIME: take_time(d, &d->in.u.time); break;
    case FL_ACK: take_ack(d, &d->in.u.ack); break;
    case FL_LIST: fl_list(d, &d->in.u.list); break;
#if FL_OTA
    case FL_OFFER: fl_offer(d, &d->in.u.offer); break;
    case FL_PART: fl_part(d, &d->in.u.part); break;
    case FL_CONFIRM: fl_confirm(d, &d->in.u.confirm); break;
#endif
    case FL_REBIRTH:
        birth(d);
        from_oldest(d);
        break;
    case FL_CONFIG: {
        struct fl_config before = d->config;
        struct fl_answer a = { .re = "config", .code = "ok", .up = hal_now(), .has_v = true };
        d->config = d->in.u.config;
        if (!fl_store_config(d)) {
            d->config = before;
            a.code = "fault";
        }
        a.v = d->config.v;
        fl_answer(d, &a);
        break;
    }
    default: break;
    }
}

void fl_message(struct fl_device *d, enum fl_topic topic, const char *message, size_t n, bool retained)
{
    static const char *const re[] = { "cmd", "ack", "list" };
    struct fl_counter counter;
    enum fl_fault fault = FL_FINE;
    bool was_there = fl_there(d);
    if (!fl_is_held(d) || topic < FL_DN_CMD || topic > FL_DN_LIST)
        fault = FL_UNKNOWN_TOPIC;
    else if (retained)
        fault = FL_RETAINED;
    else
        fault = fl_open(d->dn_key, d->who.kid, d->who.id, topic, message, n, &counter);
    if (fault == FL_FINE && counter.boot != d->state.boot)
        fault = FL_OTHER_BOOT;
    else if (fault == FL_FINE && counter.count <= d->highest)
        fault = FL_OLD_COUNTER;
    if (fault != FL_FINE) {
        hal_log("refused", fl_fault_name(fault));
        if (fault == FL_OTHER_BOOT)
            unasked_birth(d);
        else if (fault == FL_OLD_COUNTER && counter.count < d->highest)
            ask(d, "ctr", &d->highest, &d->ask_ctr_sent, &d->ask_ctr_at);
        return;
    }
    d->highest = counter.count;
    d->heard = true;
    d->heard_at = hal_now();
    d->gw_away = false;
    fault = fl_read(topic, message, n - FL_TRAILER, &d->in);
    if (d->in.kind >= FL_OFFER && fault == FL_FINE && d->board->author == NULL)
        fault = FL_UNKNOWN_MESSAGE;
    /* What the message itself leads to goes out before a backlog that it sets free. */
    d->quiet = !was_there;
    if (fault == FL_FINE) {
        take(d);
    } else {
        struct fl_answer a = { .re = re[topic - FL_DN_CMD], .code = fault == FL_UNKNOWN_MESSAGE ? "unknown" : "bad",
                               .up = hal_now(), .has_n = true, .n = counter.count };
        hal_log("refused", fl_fault_name(fault));
        fl_answer(d, &a);
    }
    d->quiet = false;
    fl_flush(d);
}

void fl_gateway(struct fl_device *d, const char *json, size_t n)
{
    enum fl_fault fault = fl_read(FL_GW_STATE, json, n, &d->in);
    if (fault != FL_FINE) {
        hal_log("refused", fl_fault_name(fault));
        return;
    }
    const struct fl_gw *g = &d->in.u.gw;
    d->gw_away = !g->on;
    hal_log("gateway", g->on ? "on" : "off");
    if (!g->on || !fl_is_held(d))
        return;
    if (d->epoch_known && d->epoch != g->epoch)
        unasked_birth(d);
    d->epoch_known = true;
    d->epoch = g->epoch;
}
