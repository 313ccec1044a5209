/* What outlasts a power cut: four small blocks kept twice, the journal's ring, two banks for the list. */
#include "fl_bytes.h"
#include "fl_device.h"

#include <string.h>

enum { IDENTITY, STATE, CONFIG, LIST };
static const uint32_t block_at[] = { 0, 1024, 2048, 3072 };
#define COPY 512
#define JOURNAL 4096u
#define PLACE 144

struct head {
    uint32_t serial;
    uint16_t n, crc;
};
struct place {
    uint32_t enrolment;
    struct fl_record r;
    uint16_t crc;
};
_Static_assert(sizeof(struct place) <= PLACE, "a record fits its place");
_Static_assert(sizeof(struct fl_identity) + sizeof(struct head) <= COPY, "the identity fits its block");
_Static_assert(sizeof(struct fl_kept_config) + sizeof(struct head) <= COPY, "the configuration fits its block");

static uint16_t crc_of(struct head h, const void *bytes)
{
    h.crc = 0;
    return fl_crc16(fl_crc16(0xffff, &h, sizeof h), bytes, h.n);
}

static bool block_load(struct fl_device *d, int b, void *out, size_t n)
{
    uint8_t copy[COPY];
    bool found = false;
    for (uint8_t i = 0; i < 2; i++) {
        struct head h;
        if (!hal_load(block_at[b] + i * COPY, copy, sizeof h + n))
            continue;
        memcpy(&h, copy, sizeof h);
        if (h.n != n || crc_of(h, copy + sizeof h) != h.crc)
            continue;
        if (found && (int32_t)(h.serial - d->block_serial[b]) < 0)
            continue;
        found = true;
        d->block_serial[b] = h.serial;
        d->block_copy[b] = i;
        memcpy(out, copy + sizeof h, n);
    }
    return found;
}

static bool block_save(struct fl_device *d, int b, const void *bytes, size_t n)
{
    uint8_t copy[COPY];
    struct head h = { d->block_serial[b] + 1, (uint16_t)n, 0 };
    uint8_t other = d->block_copy[b] ^ 1;
    h.crc = crc_of(h, bytes);
    memcpy(copy, &h, sizeof h);
    memcpy(copy + sizeof h, bytes, n);
    if (!hal_save(block_at[b] + other * COPY, copy, sizeof h + n))
        return false;
    d->block_serial[b]++;
    d->block_copy[b] = other;
    return true;
}

bool fl_store_state(struct fl_device *d) { return block_save(d, STATE, &d->state, sizeof d->state); }
bool fl_store_identity(struct fl_device *d) { return block_save(d, IDENTITY, &d->who, sizeof d->who); }

bool fl_store_config(struct fl_device *d)
{
    struct fl_kept_config kept;
    memset(&kept, 0, sizeof kept);
    kept.enrolment = d->who.enrolment;
    kept.c = d->config;
    return block_save(d, CONFIG, &kept, sizeof kept);
}

bool fl_store_list(struct fl_device *d, const struct fl_list_head *head)
{
    if (!block_save(d, LIST, head, sizeof *head))
        return false;
    d->list = *head;
    return true;
}

static uint32_t entry_at(uint8_t bank, uint32_t index) { return FL_STORE_LIST + (bank * FL_LIST_MAX + index) * FL_ENTRY; }

bool fl_entry_load(uint8_t bank, uint32_t index, uint8_t *entries, uint32_t n)
{
    return hal_load(entry_at(bank, index), entries, (size_t)n * FL_ENTRY);
}

bool fl_entry_save(uint8_t bank, uint32_t index, const uint8_t *entries, uint32_t n)
{
    return n == 0 || hal_save(entry_at(bank, index), entries, (size_t)n * FL_ENTRY);
}

static uint16_t place_crc(const struct place *p)
{
    return fl_crc16(fl_crc16(0xffff, &p->enrolment, sizeof p->enrolment), &p->r, sizeof p->r);
}

static bool place_load(struct fl_device *d, uint32_t slot, struct place *p)
{
    return hal_load(JOURNAL + slot * PLACE, p, sizeof *p) && p->enrolment == d->who.enrolment && place_crc(p) == p->crc
        && p->r.seq != 0 && (p->r.seq - 1) % d->places == slot;
}

bool fl_record_load(struct fl_device *d, uint32_t seq, struct fl_record *r)
{
    struct place p;
    if (!place_load(d, (seq - 1) % d->places, &p) || p.r.seq != seq)
        return false;
    *r = p.r;
    return true;
}

/* What the device holds when it knows nothing better: the contract's figures before the first configuration. */
static const struct fl_config before_config = { .si = 60, .hb = 60, .us = 300, .me = 10 };

void fl_store_open(struct fl_device *d)
{
    struct fl_kept_config kept;
    struct place p;
    if (!block_load(d, IDENTITY, &d->who, sizeof d->who))
        memset(&d->who, 0, sizeof d->who);
    if (!block_load(d, STATE, &d->state, sizeof d->state) || d->state.enrolment != d->who.enrolment) {
        memset(&d->state, 0, sizeof d->state);
        d->state.enrolment = d->who.enrolment;
        d->state.first = 1;
    }
    d->config = before_config;
    if (block_load(d, CONFIG, &kept, sizeof kept) && kept.enrolment == d->who.enrolment)
        d->config = kept.c;
    if (!block_load(d, LIST, &d->list, sizeof d->list) || d->list.enrolment != d->who.enrolment
        || d->list.count > FL_LIST_MAX)
        memset(&d->list, 0, sizeof d->list);
    d->last = d->state.first - 1;
    if (d->who.enrolment == 0)
        return;
    for (uint32_t slot = 0; slot < d->places; slot++)
        if (place_load(d, slot, &p) && p.r.seq > d->last && p.r.seq - d->state.first < d->places)
            d->last = p.r.seq;
    fl_derive(d->who.key, "up", d->who.id, d->up_key);
    fl_derive(d->who.key, "dn", d->who.id, d->dn_key);
}

uint32_t fl_taken(const struct fl_device *d) { return d->last + 1 - d->state.first; }

/* A start takes a place itself, and must leave less than 15/16 taken. */
bool fl_room_for_start(const struct fl_device *d) { return (fl_taken(d) + 1) * 16 < d->places * 15; }

static bool left_out(const struct fl_device *d, uint8_t kind)
{
    uint32_t t = fl_taken(d), p = d->places;
    switch (kind) {
    case FL_USE: return t * 4 >= p * 3;
    case FL_BADGE:
    case FL_DENY: return t * 8 >= p * 7;
    case FL_BOOT:
    case FL_FAULT:
    case FL_KEEP: return t * 32 >= p * 31;
    default: return t >= p;
    }
}

bool fl_append_always(struct fl_device *d, struct fl_record *r)
{
    struct place p;
    uint64_t clock;
    memset(&p, 0, sizeof p);
    r->seq = d->last + 1;
    r->boot = d->state.boot;
    if (r->up == 0)
        r->up = hal_now();
    r->ts = fl_clock_now(d, &clock) ? clock : 0;
    p.enrolment = d->who.enrolment;
    p.r = *r;
    p.crc = place_crc(&p);
    if (!hal_save(JOURNAL + (r->seq - 1) % d->places * PLACE, &p, sizeof p))
        return false;
    d->last = r->seq;
    return true;
}

bool fl_append(struct fl_device *d, struct fl_record *r)
{
    bool out = left_out(d, r->kind);
    if (!out && fl_append_always(d, r))
        return true;
    d->state.lost++;
    d->state.untold++;
    fl_store_state(d);
    if (!out)
        for (uint8_t ch = 0; ch < d->board->relays; ch++)
            fl_fault(d, ch, FL_FLASH, true);
    return false;
}
