/* Relays: leases, their end, finishing, faults, meters. Everything here goes by the uptime. */
#include "fl_device.h"

#include <string.h>

#define SLACK 2000
#define FRESH 10000
#define READING_OLD 60000
#define WELD_MS 2000
#define HOLDER_MS 60000

static const char *const fault_codes[FL_FAULTS] = { "weld", "relay", "meter", "reader", "flash", "heat" };

const char *fl_fault_code(uint8_t fault) { return fault_codes[fault]; }

static struct fl_meter *meter_of(struct fl_device *d, uint8_t ch)
{
    for (uint8_t i = 0; i < d->board->meters; i++)
        if (d->board->measures[i] == ch)
            return &d->meter[i];
    return NULL;
}

static bool fresh(const struct fl_meter *m, uint64_t now) { return m != NULL && m->known && now - m->at <= READING_OLD; }

static void energy(struct fl_device *d, struct fl_record *r)
{
    struct fl_meter *m = meter_of(d, r->ch);
    if (m != NULL && m->known && m->r.has_mwh) {
        r->has_mwh = true;
        r->mwh = m->r.mwh;
    }
}

/* at: when it happened. A save takes its time, and what is said of one moment must not say two. */
static struct fl_record record(struct fl_device *d, uint8_t kind, uint8_t ch, uint64_t at)
{
    struct fl_record r;
    memset(&r, 0, sizeof r);
    r.kind = kind;
    r.ch = ch;
    r.up = at;
    memcpy(r.sid, d->ch[ch].sid, sizeof r.sid);
    if (kind != FL_ON)
        r.ms = r.up - d->ch[ch].on_at;
    energy(d, &r);
    return r;
}

bool fl_beat(struct fl_device *d)
{
    d->state.beat_boot = d->state.boot;
    d->state.beat_up = d->beat_at = hal_now();
    d->state.beat_on = 0;
    for (uint8_t ch = 0; ch < d->board->relays; ch++)
        d->state.beat_on |= (uint8_t)(d->ch[ch].closed << ch);
    return fl_store_state(d);
}

static void write_off(struct fl_device *d, uint8_t ch, const char *why, uint64_t at)
{
    struct fl_channel *c = &d->ch[ch];
    struct fl_record r = record(d, FL_OFF, ch, at);
    strcpy(r.why, why);
    r.off = r.has_off = c->by == FL_BY_LIST;
    memcpy(c->ended, c->sid, sizeof c->ended);
    fl_append(d, &r);
}

void fl_open_relay(struct fl_device *d, uint8_t ch, const char *why)
{
    struct fl_channel *c = &d->ch[ch];
    hal_relay(ch, false);
    c->closed = false;
    c->moved_at = hal_now();
    c->over = false;
    write_off(d, ch, why, c->moved_at);
    fl_beat(d);
}

/* Whoever tapped here in the last minute may stop it while the gateway is away. */
static void find_holders(struct fl_device *d, uint8_t ch)
{
    struct fl_channel *c = &d->ch[ch];
    int n = 0;
    memset(c->holder, 0, sizeof c->holder);
    for (int i = 1; i <= FL_TAPS && n < FL_HOLDERS; i++) {
        int at = (d->next_tap + FL_TAPS - i) % FL_TAPS;
        if (d->taps[at].known && d->taps[at].ch == ch && hal_now() - d->taps[at].at <= HOLDER_MS
            && !fl_holds(c, d->taps[at].tag))
            memcpy(c->holder[n++], d->taps[at].tag, 25);
    }
}

bool fl_holds(const struct fl_channel *c, const char *tag)
{
    for (int i = 0; i < FL_HOLDERS; i++)
        if (strcmp(c->holder[i], tag) == 0)
            return true;
    return false;
}

bool fl_close_relay(struct fl_device *d, uint8_t ch, const char *sid, enum fl_by by)
{
    struct fl_channel *c = &d->ch[ch];
    bool moves = !c->closed;
    uint64_t now = hal_now();
    struct fl_record r;
    if (!moves)
        write_off(d, ch, "handover", now);
    memcpy(c->sid, sid, strlen(sid) + 1);
    r = record(d, FL_ON, ch, now);
    r.off = r.has_off = r.has_list = by == FL_BY_LIST;
    r.list = by == FL_BY_LIST ? d->list.v : 0;
    if (!fl_append(d, &r)) {
        /* Not durable, so it must not run: a handover that cannot be written ends with the relay open. */
        if (!moves) {
            hal_relay(ch, false);
            c->closed = false;
            c->moved_at = hal_now();
            fl_beat(d);
        }
        return false;
    }
    c->by = by;
    c->on_at = now;
    c->use_at = c->on_at;
    c->closed = true;
    c->over = false;
    find_holders(d, ch);
    if (moves) {
        c->moved_at = c->on_at;
        hal_relay(ch, true);
        fl_beat(d);
    }
    return true;
}

/* ---- Leases ---- */

static const char *lease_code(struct fl_device *d, const struct fl_lease *l)
{
    struct fl_channel *c = &d->ch[l->ch];
    uint64_t now = hal_now(), from = l->at + SLACK < now ? l->at + SLACK : now, deadline = from + l->ttl;
    if (l->ttl == 0) {
        if (c->closed)
            fl_open_relay(d, l->ch, "told");
        else
            memcpy(c->ended, l->sid, sizeof c->ended);
        return "ok";
    }
    if (l->n <= c->n)
        return "old";
    c->n = l->n;
    if (deadline <= now)
        return "late";
    if (c->closed && strcmp(c->sid, l->sid) == 0) {
        c->by = FL_BY_LEASE;
        c->deadline = deadline;
        return "ok";
    }
    if (!l->start)
        return c->closed ? "sid" : "open";
    if (l->at + FRESH < now)
        return "late";
    if (strcmp(c->ended, l->sid) == 0)
        return "ended";
    if (d->trial)
        return "trial";
    if (c->faults != 0)
        return "fault";
    if (!fl_room_for_start(d))
        return "full";
    if (!fl_close_relay(d, l->ch, l->sid, FL_BY_LEASE))
        return "fault";
    c->deadline = deadline;
    return "ok";
}

void fl_lease(struct fl_device *d, const struct fl_lease *l)
{
    struct fl_answer a = { .re = "lease", .up = hal_now(), .has_ch = true, .ch = l->ch, .has_n = true, .n = l->n };
    if (l->ch >= d->board->relays) {
        a.code = "ch";
    } else {
        fl_look(d); /* a lease that is over is over, whether the timer has seen it or not */
        /* a renewal only goes on with what ran before the tap, and an open relay is told to open after each reconnect: they answer nobody */
        bool answers = l->start || (l->ttl == 0 && d->ch[l->ch].closed);
        a.code = lease_code(d, l);
        for (uint8_t rd = 0; rd < d->board->readers; rd++)
            if (answers && d->config.rc[rd] == l->ch)
                d->asking[rd].on = false;
    }
    fl_flush(d);
    fl_answer(d, &a);
}

static void finishing(struct fl_device *d, uint8_t ch, uint64_t now)
{
    struct fl_channel *c = &d->ch[ch];
    const struct fl_policy *p = &d->config.ch[ch];
    struct fl_meter *m = meter_of(d, ch);
    if (now >= c->deadline) {
        fl_open_relay(d, ch, "cap");
    } else if (p->mw != 0 && fresh(m, now) && m->low) {
        uint64_t since = m->low_since > c->keep_at ? m->low_since : c->keep_at;
        if (now - since >= p->idle * 1000ull)
            fl_open_relay(d, ch, "idle");
    }
}

static void look_closed(struct fl_device *d, uint8_t ch, uint64_t now)
{
    struct fl_channel *c = &d->ch[ch];
    const struct fl_policy *p = &d->config.ch[ch];
    if (c->by == FL_BY_KEEP) {
        finishing(d, ch, now);
    } else if (now >= c->deadline) {
        if (c->by == FL_BY_LIST) {
            fl_open_relay(d, ch, "cap");
        } else if (p->finish && now < c->deadline + p->cap * 1000ull) {
            struct fl_record r = record(d, FL_KEEP, ch, hal_now());
            fl_append(d, &r);
            c->by = FL_BY_KEEP;
            c->deadline += p->cap * 1000ull;
            c->keep_at = now;
        } else {
            fl_open_relay(d, ch, "lease");
        }
    }
    if (c->closed && d->config.us != 0 && now - c->use_at >= d->config.us * 1000ull) {
        struct fl_record r = record(d, FL_USE, ch, hal_now());
        c->use_at += (now - c->use_at) / (d->config.us * 1000ull) * (d->config.us * 1000ull);
        fl_append(d, &r);
    }
}

static void look_open(struct fl_device *d, uint8_t ch, uint64_t now)
{
    struct fl_channel *c = &d->ch[ch];
    uint32_t mw = d->config.ch[ch].mw;
    struct fl_meter *m = meter_of(d, ch);
    /* A reading from before the relay opened says nothing about the contact. */
    if (mw == 0 || !fresh(m, now) || m->at < c->moved_at || m->r.mw <= mw) {
        if (c->over && !(c->fb_known && c->fb_closed))
            fl_fault(d, ch, FL_WELD, false);
        c->over = false;
        return;
    }
    if (!c->over)
        c->over_since = m->at;
    c->over = true;
    if (now - c->over_since >= WELD_MS)
        fl_fault(d, ch, FL_WELD, true);
}

void fl_look(struct fl_device *d)
{
    uint64_t now = hal_now();
    for (uint8_t ch = 0; ch < d->board->relays; ch++) {
        struct fl_channel *c = &d->ch[ch];
        if (c->closed)
            look_closed(d, ch, now);
        else
            look_open(d, ch, now);
        if (c->fb_known && c->fb_closed != c->closed && now - c->moved_at >= WELD_MS)
            fl_fault(d, ch, c->closed ? FL_RELAY : FL_WELD, true);
    }
}

/* ---- Faults and what a board may tell ---- */

void fl_fault(struct fl_device *d, uint8_t ch, uint8_t fault, bool on)
{
    struct fl_record r;
    if (ch >= d->board->relays || ((d->ch[ch].faults >> fault & 1) != 0) == on)
        return;
    d->ch[ch].faults ^= (uint8_t)(1u << fault);
    if (on && (1u << fault & FL_OPENING) != 0 && d->ch[ch].closed)
        fl_open_relay(d, ch, "fault");
    memset(&r, 0, sizeof r);
    r.kind = FL_FAULT;
    r.ch = ch;
    r.on = on;
    strcpy(r.why, fault_codes[fault]);
    fl_append(d, &r);
    fl_flush(d);
}

void fl_feedback(struct fl_device *d, uint8_t ch, bool closed)
{
    if (ch >= d->board->relays)
        return;
    d->ch[ch].fb_known = true;
    d->ch[ch].fb_closed = closed;
    fl_fault(d, ch, FL_WELD, closed && !d->ch[ch].closed);
    fl_fault(d, ch, FL_RELAY, !closed && d->ch[ch].closed);
}

void fl_metered(struct fl_device *d, uint8_t mt, const struct fl_reading *r)
{
    uint64_t now = hal_now();
    if (mt >= d->board->meters)
        return;
    struct fl_meter *m = &d->meter[mt];
    uint32_t mw = d->config.ch[d->board->measures[mt]].mw;
    bool low = mw != 0 && r->mw <= mw;
    if (low && (!m->low || !fresh(m, now)))
        m->low_since = now;
    m->low = low;
    m->known = true;
    m->r = *r;
    m->at = now;
    fl_look(d);
    if (d->config.me != 0 && d->connected && (m->me_at == 0 || now - m->me_at >= d->config.me * 1000ull)) {
        m->me_at = now;
        fl_send(d, FL_UP_ME, fl_write_reading(mt, now, r, d->out, FL_JSON_MAX));
    }
}
