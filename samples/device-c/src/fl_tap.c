/* Taps, and the look at everything that time brings about. */
#include "fl_device.h"

#include <string.h>

#define LYING_MS 500
#define ANSWER_MS 3000

void fl_tap(struct fl_device *d, uint8_t rd, const char *tag)
{
    struct fl_record r;
    uint64_t now = hal_now();
    if (!fl_is_tag(tag)) {
        hal_log("refused", fl_fault_name(FL_OUT_OF_RANGE));
        return;
    }
    bool again = strcmp(d->lying[rd].tag, tag) == 0 && now - d->lying[rd].seen < LYING_MS;
    memcpy(d->lying[rd].tag, tag, strlen(tag) + 1);
    d->lying[rd].seen = now;
    if (again || !fl_is_held(d))
        return;
    fl_look(d);
    d->taps[d->next_tap].known = true;
    memcpy(d->taps[d->next_tap].tag, tag, strlen(tag) + 1);
    d->taps[d->next_tap].ch = d->config.rc[rd];
    d->taps[d->next_tap].at = now;
    d->next_tap = (uint8_t)((d->next_tap + 1) % FL_TAPS);

    bool there = fl_there(d);
    memset(&r, 0, sizeof r);
    r.kind = FL_BADGE;
    r.rd = rd;
    memcpy(r.tag, tag, strlen(tag) + 1);
    strncpy(r.why, d->board->profile[rd], sizeof r.why - 1);
    r.off = r.has_off = !there;
    bool recorded = fl_append(d, &r);
    if (!there) {
        fl_decide(d, rd, tag, recorded);
    } else if (!recorded) {
        fl_say(d, rd, FL_NO, "full", 5);
    } else {
        fl_express(d, r.seq);
        d->asking[rd].on = true;
        d->asking[rd].seq = r.seq;
        d->asking[rd].at = now;
        fl_say(d, rd, FL_WAIT, "asking", 3);
    }
    fl_flush(d);
}

static void no_answer(struct fl_device *d, uint8_t rd)
{
    struct fl_record badge, r;
    d->asking[rd].on = false;
    fl_say(d, rd, FL_NO, "no-answer", 5);
    if (!fl_record_load(d, d->asking[rd].seq, &badge))
        return;
    memset(&r, 0, sizeof r);
    r.kind = FL_DENY;
    r.rd = rd;
    r.ch = d->config.rc[rd];
    memcpy(r.tag, badge.tag, sizeof r.tag);
    strcpy(r.why, "no-answer");
    r.list = d->list.v;
    r.off = r.has_off = true;
    fl_append(d, &r);
}

static void poll_board(struct fl_device *d, uint64_t now)
{
    char tag[25];
    for (uint8_t rd = 0; rd < d->board->readers; rd++)
        if (hal_reader(rd, tag))
            fl_tap(d, rd, tag);
    if (now - d->metered_at < 1000)
        return;
    d->metered_at = now;
    for (uint8_t mt = 0; mt < d->board->meters; mt++) {
        struct fl_reading reading;
        memset(&reading, 0, sizeof reading);
        if (hal_meter(mt, &reading))
            fl_metered(d, mt, &reading);
    }
}

void fl_poll(struct fl_device *d)
{
    uint64_t now = hal_now();
    bool any = false, there;
    if (!fl_is_held(d))
        return;
    poll_board(d, now);
    fl_look(d);
    for (uint8_t rd = 0; rd < d->board->readers; rd++)
        if (d->asking[rd].on && now - d->asking[rd].at >= ANSWER_MS)
            no_answer(d, rd);
    for (uint8_t ch = 0; ch < d->board->relays; ch++)
        any = any || d->ch[ch].closed;
    if (any && now - d->beat_at >= d->config.hb * 1000ull)
        fl_beat(d);
    if (d->state.untold > 0 && fl_taken(d) * 2 < d->places) {
        struct fl_record r;
        memset(&r, 0, sizeof r);
        r.kind = FL_LOST;
        r.list = d->state.untold;
        if (fl_append_always(d, &r)) {
            d->state.untold = 0;
            fl_store_state(d);
        }
    }
    /* When the gateway vouched last is worth a save only once it has gone; every 20 s would wear the flash out. */
    there = fl_there(d);
    if (d->was_there && !there)
        fl_store_state(d);
    d->was_there = there;
#if FL_OTA
    fl_ota_poll(d);
#endif
    fl_flush(d);
}
