/* A new firmware: offered, looked at, pulled piece by piece into the other slot, tried, kept or given back. */
#include "fl_device.h"

#if FL_OTA

#include "fl_bytes.h"
#include "fl_sign.h"

#include <string.h>

#define ASK_MS 5000
#define GONE_MS 600000
#define LEAVE_MS 1000
#define TRIAL_MS 300000
/* Bytes of the slot that are read back in one go: a deadline waits no longer than that. */
#define CHECK 4096

enum { NOTHING, PULLING, CHECKING, READY };

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* The next whole number of a version, 0 when there is none left. A version has at most 12 characters. */
static uint64_t next_number(const char **at, bool *any)
{
    uint64_t n = 0;
    while (**at && !digit(**at))
        ++*at;
    *any = digit(**at);
    while (digit(**at))
        n = n * 10 + (uint64_t)(*(*at)++ - '0');
    return n;
}

int fl_version_order(const char *a, const char *b)
{
    for (;;) {
        bool more_a, more_b;
        uint64_t x = next_number(&a, &more_a), y = next_number(&b, &more_b);
        if (x != y)
            return x < y ? -1 : 1;
        if (!more_a && !more_b)
            return 0;
    }
}

static bool any_closed(const struct fl_device *d)
{
    for (uint8_t ch = 0; ch < d->board->relays; ch++)
        if (d->ch[ch].closed)
            return true;
    return false;
}

static bool any_asking(const struct fl_device *d)
{
    for (uint8_t rd = 0; rd < d->board->readers; rd++)
        if (d->asking[rd].on)
            return true;
    return false;
}

static void answer(struct fl_device *d, const char *re, const char *code)
{
    struct fl_answer a = { .re = re, .code = code, .up = hal_now() };
    a.has_n = re[0] == 'o' && d->ota.state != NOTHING;
    a.n = d->ota.have;
    fl_answer(d, &a);
}

/* What the author signed. */
static bool by_author(const struct fl_device *d, const struct fl_offer *o)
{
    uint8_t bytes[18 + 17 + 13 + 13 + 4 + 32];
    const char *parts[] = { "fablab firmware 1", o->md, o->fw, o->min };
    size_t n = 0;
    for (int i = 0; i < 4; i++) {
        size_t len = strlen(parts[i]) + 1;
        memcpy(bytes + n, parts[i], len);
        n += len;
    }
    for (int i = 0; i < 4; i++)
        bytes[n++] = (uint8_t)(o->size >> (24 - 8 * i));
    memcpy(bytes + n, o->sha, 32);
    return fl_signed(d->board->author, o->sig, bytes, n + 32);
}

static const char *refusal(const struct fl_device *d, const struct fl_offer *o)
{
    if (d->trial)
        return "trial";
    if (any_closed(d))
        return "busy";
    if (strcmp(o->md, d->board->model) != 0)
        return "model";
    if (fl_version_order(o->fw, d->board->fw) <= 0)
        return "down";
    if (fl_version_order(d->board->fw, o->min) < 0)
        return "min";
    if (o->size > hal_slot_size())
        return "size";
    return by_author(d, o) ? NULL : "sig";
}

static void ask_piece(struct fl_device *d)
{
    if (!d->connected || any_closed(d))
        return;
    d->ota.asked_at = hal_now();
    fl_send(d, FL_UP_RES, fl_write_ask("fw", hal_now(), &d->ota.have, d->out, FL_JSON_MAX));
}

static void drop(struct fl_device *d) { memset(&d->ota, 0, sizeof d->ota); }

void fl_offer(struct fl_device *d, const struct fl_offer *o)
{
    const char *code = refusal(d, o);
    if (code != NULL) {
        struct fl_answer a = { .re = "ota", .code = code, .up = hal_now() };
        fl_answer(d, &a);
        return;
    }
    if (d->ota.state == NOTHING || d->ota.size != o->size || memcmp(d->ota.sha, o->sha, 32) != 0 || strcmp(d->ota.fw, o->fw) != 0) {
        drop(d);
        d->ota.state = PULLING;
        d->ota.size = o->size;
        memcpy(d->ota.sha, o->sha, 32);
        memcpy(d->ota.fw, o->fw, sizeof d->ota.fw);
        d->ota.looked_at = hal_now();
    }
    answer(d, "ota", "ok");
    if (d->ota.state == PULLING)
        ask_piece(d);
}

/* Reads back what stands in the slot, some of it at a time. */
static void check(struct fl_device *d)
{
    uint8_t bytes[256], sha[32];
    uint32_t until = d->ota.checked + CHECK < d->ota.size ? d->ota.checked + CHECK : d->ota.size;
    if (d->ota.checked == 0)
        fl_sha256_begin(&d->ota.hash);
    while (d->ota.checked < until) {
        uint32_t n = until - d->ota.checked < sizeof bytes ? until - d->ota.checked : (uint32_t)sizeof bytes;
        if (!hal_slot_read(d->ota.checked, bytes, n)) {
            answer(d, "ota", "fault");
            drop(d);
            return;
        }
        fl_sha256_add(&d->ota.hash, bytes, n);
        d->ota.checked += n;
    }
    if (d->ota.checked < d->ota.size)
        return;
    fl_sha256_end(&d->ota.hash, sha);
    if (memcmp(sha, d->ota.sha, 32) != 0) {
        answer(d, "ota", "hash");
        drop(d);
        return;
    }
    answer(d, "ota", "done");
    d->ota.state = READY;
    d->ota.ready_at = hal_now();
}

void fl_part(struct fl_device *d, const struct fl_part *p)
{
    uint32_t due = d->ota.size - d->ota.have < FL_PIECE ? d->ota.size - d->ota.have : FL_PIECE;
    if (d->ota.state != PULLING || p->o != d->ota.have || p->n != due)
        return;
    if (!hal_slot_write(p->o, p->b, p->n)) {
        answer(d, "ota", "fault");
        drop(d);
        return;
    }
    d->ota.have += p->n;
    d->ota.waited = 0;
    if (d->ota.have < d->ota.size) {
        ask_piece(d);
    } else {
        d->ota.state = CHECKING;
        check(d);
    }
}

void fl_confirm(struct fl_device *d, const struct fl_confirm *c)
{
    if (strcmp(c->fw, d->board->fw) != 0) {
        answer(d, "confirm", "other");
        return;
    }
    if (d->trial && !hal_slot(FL_SLOT_KEEP)) {
        answer(d, "confirm", "fault");
        return;
    }
    d->trial = false;
    answer(d, "confirm", "ok");
}

void fl_ota_poll(struct fl_device *d)
{
    uint64_t now = hal_now(), since = now - d->ota.looked_at;
    d->ota.looked_at = now;
    if (d->trial && now >= d->back_at) {
        /* Where the restart did not come about it is tried again. */
        d->back_at = now + TRIAL_MS;
        hal_slot(FL_SLOT_BACK);
    }
    if (d->ota.state == NOTHING || any_closed(d))
        return;
    if (d->ota.state == CHECKING) {
        check(d);
    } else if (d->ota.state == READY) {
        if (now - d->ota.ready_at < LEAVE_MS || any_asking(d))
            return;
        if (!hal_slot(FL_SLOT_TRY))
            answer(d, "ota", "fault");
        drop(d);
    } else if (d->connected) {
        d->ota.waited += since;
        if (d->ota.waited >= GONE_MS) {
            answer(d, "ota", "gone");
            drop(d);
        } else if (now - d->ota.asked_at >= ASK_MS) {
            ask_piece(d);
        }
    }
}

void fl_ota_begin(struct fl_device *d)
{
    d->trial = hal_on_trial();
    d->back_at = TRIAL_MS;
}

#else

/* A translation unit must hold something. */
typedef int fl_no_ota;

#endif
