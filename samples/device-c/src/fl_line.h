/* One end of a serial line: frames, acknowledgements, repetition. Knows nothing of what the frames say. */
#ifndef FL_LINE_H
#define FL_LINE_H

#include "fl_message.h"

#define FL_FRAME_MAX 817
#define FL_ENCODED_MAX 821
#define FL_WAITING 64

/* Bytes kept for frames that wait. Records wait in the journal, so this holds answers and a few records. */
#ifndef FL_QUEUE_BYTES
#define FL_QUEUE_BYTES 4096
#endif

enum fl_type {
    FL_T_HELLO = 0x01, FL_T_ACK = 0x02, FL_T_STATE = 0x10, FL_T_EV = 0x11, FL_T_ME = 0x12, FL_T_RES = 0x13,
    FL_T_CMD = 0x20, FL_T_DN_ACK = 0x21, FL_T_LIST = 0x22, FL_T_GW = 0x23, FL_T_CLAIM = 0x30, FL_T_CLAIMED = 0x31,
};

struct fl_frame {
    uint8_t type;
    uint16_t seq;
    const uint8_t *payload;
    size_t n;
};

/* Decodes in place: the frame points into the bytes. */
enum fl_fault fl_frame_read(uint8_t *bytes, size_t n, struct fl_frame *frame);
/* Writes at most FL_ENCODED_MAX + 1 bytes, the closing zero included. */
size_t fl_frame_write(uint8_t type, uint16_t seq, const uint8_t *payload, size_t n, uint8_t *out);

struct fl_line {
    void *owner;
    void (*write)(void *owner, const uint8_t *bytes, size_t n);
    void (*arrived)(void *owner, uint8_t type, const uint8_t *payload, size_t n);
    void (*delivered)(void *owner, uint8_t type, uint16_t seq);
    void (*dead)(void *owner);
    void (*refused)(void *owner, enum fl_fault fault);

    uint8_t in[FL_ENCODED_MAX];
    size_t in_n;
    bool too_long;
    uint16_t accepted; /* number of the last frame taken, 0 for none */

    uint8_t queue[FL_QUEUE_BYTES]; /* type, length (2), payload; the first is the one under way */
    size_t used;
    unsigned count;
    bool under_way;
    uint16_t seq, under_way_seq;
    uint8_t tries;
    uint64_t sent_at;
};

void fl_line_begin(struct fl_line *l);
/* False when there is no room: every waiting reading was dropped for it and it still does not fit. */
bool fl_line_send(struct fl_line *l, uint8_t type, const uint8_t *payload, size_t n, uint64_t now);
size_t fl_line_room(const struct fl_line *l);
void fl_line_forget(struct fl_line *l);
void fl_line_take(struct fl_line *l, const uint8_t *bytes, size_t n, uint64_t now);
void fl_line_poll(struct fl_line *l, uint64_t now);

#endif
