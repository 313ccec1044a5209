/* The list, and what the device decides by itself while the gateway is away. */
#include "fl_bytes.h"
#include "fl_device.h"

#include <stdio.h>
#include <string.h>

#define BATCH 24

/* ---- The list ---- */

static void answer(struct fl_device *d, const struct fl_list_part *l, const char *code)
{
    bool ok = strcmp(code, "ok") == 0;
    struct fl_answer a = { .re = "list", .code = code, .up = hal_now(), .has_v = true, .v = ok ? l->v : d->list.v,
                           .has_i = true, .i = l->i };
    if (!ok)
        d->gather.on = false;
    fl_answer(d, &a);
}

static bool copy_bank(uint8_t from, uint8_t to, uint32_t count)
{
    uint8_t some[BATCH * FL_ENTRY];
    for (uint32_t i = 0; i < count; i += BATCH) {
        uint32_t n = count - i < BATCH ? count - i : BATCH;
        if (!fl_entry_load(from, i, some, n) || !fl_entry_save(to, i, some, n))
            return false;
    }
    return true;
}

/* Where the entry with this hash stands among the gathered ones; count when it is not there. */
static uint32_t find(uint8_t bank, uint32_t count, const uint8_t *hash, uint8_t *entry)
{
    uint8_t some[BATCH * FL_ENTRY];
    for (uint32_t i = 0; i < count; i += BATCH) {
        uint32_t n = count - i < BATCH ? count - i : BATCH;
        if (!fl_entry_load(bank, i, some, n))
            return count;
        for (uint32_t j = 0; j < n; j++)
            if (memcmp(some + j * FL_ENTRY, hash, 16) == 0) {
                memcpy(entry, some + j * FL_ENTRY, FL_ENTRY);
                return i + j;
            }
    }
    return count;
}

static bool take_entry(struct fl_device *d, const uint8_t *e)
{
    uint8_t old[FL_ENTRY];
    uint8_t bank = d->gather.bank;
    uint32_t at = find(bank, d->gather.count, e, old);
    if (e[20] == 0) {
        if (at == d->gather.count)
            return true;
        d->gather.count--;
        return at == d->gather.count
            || (fl_entry_load(bank, d->gather.count, old, 1) && fl_entry_save(bank, at, old, 1));
    }
    if (at == FL_LIST_MAX)
        return false;
    if (at == d->gather.count)
        d->gather.count++;
    return fl_entry_save(bank, at, e, 1);
}

static const char *take_part(struct fl_device *d, const struct fl_list_part *l)
{
    bool again;
    if (d->who.tkid == 0 || l->tk != d->who.tkid)
        return "tagkey";
    again = d->gather.on && l->v == d->gather.v && l->base == d->gather.base && l->i + 1u == d->gather.next;
    /* The last part again: its answer was lost after the list had taken effect. */
    if (again || (!d->gather.on && l->v == d->list.v && l->i + 1 == l->of))
        return "ok";
    if (l->base != 0 && l->base != d->list.v)
        return "base";
    if (l->i == 0) {
        memset(&d->gather, 0, sizeof d->gather);
        d->gather.on = true;
        d->gather.v = l->v;
        d->gather.base = l->base;
        d->gather.of = l->of;
        d->gather.bank = d->list.bank ^ 1;
        if (l->base != 0) {
            d->gather.count = d->list.count;
            if (!copy_bank(d->list.bank, d->gather.bank, d->list.count))
                return "count";
        }
    } else if (!d->gather.on || l->v != d->gather.v || l->base != d->gather.base || l->i != d->gather.next
               || l->of != d->gather.of) {
        return "chunk";
    }
    for (int i = 0; i < l->n; i++)
        if (!take_entry(d, l->e + i * FL_ENTRY))
            return "count";
    d->gather.next = (uint16_t)(l->i + 1);
    if (d->gather.next < l->of)
        return "ok";
    if (d->gather.count != l->cnt)
        return "count";
    struct fl_list_head head;
    memset(&head, 0, sizeof head);
    head.enrolment = d->who.enrolment;
    head.v = l->v;
    head.at = l->at;
    head.count = d->gather.count;
    head.tk = l->tk;
    head.bank = d->gather.bank;
    if (!fl_store_list(d, &head))
        return "count";
    d->gather.on = false;
    d->state.la = l->at;
    fl_store_state(d);
    return "ok";
}

void fl_list(struct fl_device *d, const struct fl_list_part *l) { answer(d, l, take_part(d, l)); }

/* ---- Decisions ---- */

static void deny(struct fl_device *d, uint8_t rd, uint8_t ch, const char *tag, const char *why)
{
    struct fl_record r;
    fl_say(d, rd, FL_NO, why, 5);
    memset(&r, 0, sizeof r);
    r.kind = FL_DENY;
    r.rd = rd;
    r.ch = ch;
    memcpy(r.tag, tag, strlen(tag) + 1);
    strcpy(r.why, why);
    r.list = d->list.v;
    r.off = r.has_off = true;
    fl_append(d, &r);
}

static const char *look_up(struct fl_device *d, uint8_t ch, const char *tag)
{
    const struct fl_policy *p = &d->config.ch[ch];
    uint64_t clock;
    uint8_t mac[32], e[FL_ENTRY];
    char text[25];
    if (d->list.v == 0 || d->who.tkid == 0 || d->list.tk != d->who.tkid || !fl_clock_now(d, &clock))
        return "list-old";
    uint64_t now = clock / 1000;
    if (now > d->state.la ? now - d->state.la > p->age : d->state.la - now > 86400)
        return "list-old";
    for (int which = 0; which < 3; which++) {
        struct fl_hmac m;
        if (!fl_tag_spelling(tag, which, text))
            continue;
        fl_hmac_begin(&m, d->who.tag_key, 32);
        fl_hmac_add(&m, text, strlen(text));
        fl_hmac_end(&m, mac);
        if (find(d->list.bank, d->list.count, mac, e) == d->list.count)
            continue;
        uint32_t exp = (uint32_t)e[16] << 24 | (uint32_t)e[17] << 16 | (uint32_t)e[18] << 8 | e[19];
        if ((e[20] >> ch & 1) == 0)
            return "unknown";
        return exp != 0 && exp <= now ? "expired" : NULL;
    }
    return "unknown";
}

static void grant(struct fl_device *d, uint8_t rd, uint8_t ch, const char *tag)
{
    struct fl_record r;
    memset(&r, 0, sizeof r);
    r.kind = FL_GRANT;
    r.rd = rd;
    r.ch = ch;
    memcpy(r.tag, tag, strlen(tag) + 1);
    snprintf(r.sid, sizeof r.sid, "o%lu-%lu", (unsigned long)d->state.boot, (unsigned long)(d->last + 1));
    r.list = d->list.v;
    r.max = d->config.ch[ch].omax;
    r.off = r.has_off = true;
    if (!fl_append(d, &r) || !fl_close_relay(d, ch, r.sid, FL_BY_LIST)) {
        fl_say(d, rd, FL_NO, "fault", 5);
        return;
    }
    d->ch[ch].deadline = hal_now() + d->config.ch[ch].omax * 1000ull;
    memset(d->ch[ch].holder, 0, sizeof d->ch[ch].holder);
    memcpy(d->ch[ch].holder[0], tag, strlen(tag) + 1);
    fl_say(d, rd, FL_YES, "granted", 5);
}

void fl_decide(struct fl_device *d, uint8_t rd, const char *tag, bool recorded)
{
    uint8_t ch = d->config.rc[rd];
    struct fl_channel *c = &d->ch[ch];
    const char *why = NULL;
    if (ch < d->board->relays && c->closed) {
        /* Stopping needs no room and no list. */
        if (fl_holds(c, tag)) {
            fl_open_relay(d, ch, "tap");
            fl_say(d, rd, FL_INFO, "stopped", 5);
            return;
        }
        why = "busy";
    } else if (ch >= d->board->relays || !d->config.ch[ch].list || d->config.ch[ch].omax == 0) {
        why = "offline";
    } else if ((why = look_up(d, ch, tag)) == NULL) {
        why = c->faults != 0 || d->trial ? "fault" : fl_room_for_start(d) ? NULL : "full";
    }
    if (!recorded)
        fl_say(d, rd, FL_NO, "full", 5); /* counted once, with the badge */
    else if (why != NULL)
        deny(d, rd, ch, tag, why);
    else
        grant(d, rd, ch, tag);
}
