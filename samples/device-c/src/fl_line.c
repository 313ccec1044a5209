#include "fl_line.h"

#include "fl_bytes.h"

#include <string.h>

#define REPEAT_MS 200
#define TRIES 5

static bool is_type(uint8_t t)
{
    return t == FL_T_HELLO || t == FL_T_ACK || (t >= FL_T_STATE && t <= FL_T_RES) || (t >= FL_T_CMD && t <= FL_T_GW)
        || t == FL_T_CLAIM || t == FL_T_CLAIMED;
}

enum fl_fault fl_frame_read(uint8_t *bytes, size_t n, struct fl_frame *frame)
{
    int len = fl_uncobs(bytes, n, bytes, n);
    if (len > FL_FRAME_MAX)
        return FL_TOO_LONG;
    if (len < 6)
        return FL_BAD_FRAME;
    size_t body = (size_t)len - 2;
    if (fl_crc16(0xffff, bytes, body) != (bytes[body] << 8 | bytes[body + 1]))
        return FL_BAD_CRC;
    frame->type = bytes[1];
    frame->seq = (uint16_t)(bytes[2] << 8 | bytes[3]);
    frame->payload = bytes + 4;
    frame->n = body - 4;
    return bytes[0] == 1 && is_type(frame->type) && frame->seq != 0 ? FL_FINE : FL_BAD_FRAME;
}

size_t fl_frame_write(uint8_t type, uint16_t seq, const uint8_t *payload, size_t n, uint8_t *out)
{
    uint8_t raw[FL_FRAME_MAX];
    raw[0] = 1;
    raw[1] = type;
    raw[2] = (uint8_t)(seq >> 8);
    raw[3] = (uint8_t)seq;
    if (n > 0)
        memcpy(raw + 4, payload, n);
    uint16_t crc = fl_crc16(0xffff, raw, n + 4);
    raw[n + 4] = (uint8_t)(crc >> 8);
    raw[n + 5] = (uint8_t)crc;
    size_t len = fl_cobs(raw, n + 6, out);
    out[len++] = 0;
    return len;
}

void fl_line_begin(struct fl_line *l)
{
    l->in_n = 0;
    l->too_long = false;
    l->accepted = 0;
    l->seq = 0;
    fl_line_forget(l);
}

void fl_line_forget(struct fl_line *l)
{
    l->used = 0;
    l->count = 0;
    l->under_way = false;
}

size_t fl_line_room(const struct fl_line *l) { return l->count > FL_WAITING ? 0 : sizeof l->queue - l->used; }

static size_t length_at(const struct fl_line *l, size_t at) { return 3 + ((size_t)l->queue[at + 1] << 8 | l->queue[at + 2]); }

static void remove_at(struct fl_line *l, size_t at)
{
    size_t n = length_at(l, at);
    memmove(l->queue + at, l->queue + at + n, l->used - at - n);
    l->used -= n;
    l->count--;
}

static void put(struct fl_line *l, uint8_t type, uint16_t seq, const uint8_t *payload, size_t n)
{
    uint8_t out[FL_ENCODED_MAX + 1];
    l->write(l->owner, out, fl_frame_write(type, seq, payload, n, out));
}

static void next(struct fl_line *l, uint64_t now)
{
    while (!l->under_way && l->count > 0) {
        l->seq = (uint16_t)(l->seq == 65535 ? 1 : l->seq + 1);
        put(l, l->queue[0], l->seq, l->queue + 3, length_at(l, 0) - 3);
        if (l->queue[0] == FL_T_ME) {
            remove_at(l, 0);
            continue;
        }
        l->under_way = true;
        l->under_way_seq = l->seq;
        l->tries = 1;
        l->sent_at = now;
    }
}

bool fl_line_send(struct fl_line *l, uint8_t type, const uint8_t *payload, size_t n, uint64_t now)
{
    if (n > FL_MESSAGE_MAX)
        return false;
    while (l->count > FL_WAITING || sizeof l->queue - l->used < n + 3) {
        size_t at = 0;
        while (at < l->used && l->queue[at] != FL_T_ME)
            at += length_at(l, at);
        if (at >= l->used)
            return false;
        remove_at(l, at);
    }
    uint8_t *p = l->queue + l->used;
    p[0] = type;
    p[1] = (uint8_t)(n >> 8);
    p[2] = (uint8_t)n;
    if (n > 0)
        memcpy(p + 3, payload, n);
    l->used += n + 3;
    l->count++;
    next(l, now);
    return true;
}

static void frame(struct fl_line *l, uint64_t now)
{
    struct fl_frame f;
    enum fl_fault fault = fl_frame_read(l->in, l->in_n, &f);
    if (fault != FL_FINE) {
        l->refused(l->owner, fault);
        return;
    }
    if (f.type == FL_T_ACK) {
        if (l->under_way && f.seq == l->under_way_seq) {
            uint8_t type = l->queue[0];
            remove_at(l, 0);
            l->under_way = false;
            l->delivered(l->owner, type, f.seq);
            next(l, now);
        }
        return;
    }
    if (f.type != FL_T_ME)
        put(l, FL_T_ACK, f.seq, NULL, 0);
    /* The number of a hello is never a repetition: the other end may have begun again. */
    if (f.seq == l->accepted && f.type != FL_T_HELLO)
        return;
    l->accepted = f.seq;
    l->arrived(l->owner, f.type, f.payload, f.n);
}

void fl_line_take(struct fl_line *l, const uint8_t *bytes, size_t n, uint64_t now)
{
    for (; n > 0; n--, bytes++) {
        if (*bytes != 0) {
            if (l->in_n < sizeof l->in)
                l->in[l->in_n++] = *bytes;
            else
                l->too_long = true;
        } else if (l->too_long || l->in_n > 0) {
            if (l->too_long)
                l->refused(l->owner, FL_TOO_LONG);
            else
                frame(l, now);
            l->in_n = 0;
            l->too_long = false;
        }
    }
}

void fl_line_poll(struct fl_line *l, uint64_t now)
{
    if (!l->under_way || now - l->sent_at < REPEAT_MS)
        return;
    if (l->tries == TRIES) {
        fl_line_forget(l);
        l->dead(l->owner);
        return;
    }
    l->tries++;
    l->sent_at = now;
    put(l, l->queue[0], l->under_way_seq, l->queue + 3, length_at(l, 0) - 3);
}
