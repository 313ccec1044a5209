/* The device: identity, journal, leases, list. The transport calls it, it calls publish. */
#ifndef FL_DEVICE_H
#define FL_DEVICE_H

#include "fl_bytes.h"
#include "fl_hal.h"

#ifndef FL_PLACES
#define FL_PLACES 2000
#endif
#ifndef FL_LIST_MAX
#define FL_LIST_MAX 20000
#endif
#define FL_WINDOW 8
#define FL_HOLDERS 4
#define FL_TAPS 8

enum { FL_WELD, FL_RELAY, FL_METER, FL_READER, FL_FLASH, FL_HEAT, FL_FAULTS };
#define FL_OPENING (1u << FL_WELD | 1u << FL_RELAY | 1u << FL_FLASH | 1u << FL_HEAT)

/* The four blocks that are kept twice each, so that a power cut leaves the one before. */
struct fl_identity {
    uint32_t enrolment; /* 0: belongs to nobody. All other memory names the enrolment it belongs to */
    uint8_t kid, tkid;
    char id[25], host[65], ssid[33], pass[64];
    uint16_t port;
    uint8_t key[32], tag_key[32];
};
struct fl_state {
    uint32_t enrolment, boot, first, lost, untold, la, beat_boot;
    uint64_t beat_up;
    uint8_t beat_on;
};
struct fl_kept_config {
    uint32_t enrolment;
    struct fl_config c;
};
struct fl_list_head {
    uint32_t enrolment, v, at, count;
    uint8_t tk, bank;
};

enum fl_by { FL_BY_LEASE, FL_BY_KEEP, FL_BY_LIST };
struct fl_channel {
    bool closed;
    enum fl_by by;
    char sid[23], ended[23];
    char holder[FL_HOLDERS][25];
    uint64_t deadline; /* of the lease, of the finish, of the grant */
    uint64_t on_at, moved_at, keep_at, use_at;
    uint32_t n;
    uint8_t faults;
    bool over, fb_known, fb_closed;
    uint64_t over_since;
};
struct fl_meter {
    bool known, low;
    struct fl_reading r;
    uint64_t at, low_since, me_at;
};

struct fl_device {
    const struct fl_board *board;
    void *transport;
    /* Takes a sealed message; false: no room now, try later. */
    bool (*publish)(void *transport, enum fl_topic topic, const char *message, size_t n);
    uint32_t places;

    struct fl_identity who;
    uint8_t up_key[32], dn_key[32];
    struct fl_state state;
    struct fl_config config;
    struct fl_list_head list;
    uint32_t block_serial[4];
    uint8_t block_copy[4];

    uint32_t last; /* newest record */
    struct { uint8_t tries; uint64_t due; } window[FL_WINDOW];

    bool connected, heard, gw_away, quiet, clock_set, epoch_known, was_there, mute;
    uint64_t heard_at, clock_offset, beat_at, la_saved_at;
    uint32_t bd, count, highest, epoch;
    uint64_t birth_at, ask_ctr_at, ask_list_at;
    bool birth_sent, ask_ctr_sent, ask_list_sent;

    struct fl_channel ch[FL_CHANNELS];
    struct fl_meter meter[FL_METERS];
    uint64_t metered_at;
    struct { char tag[25]; uint64_t seen; } lying[FL_READERS];
    struct { bool on; uint32_t seq; uint64_t at; } asking[FL_READERS];
    struct { char tag[25]; uint8_t ch; uint64_t at; bool known; } taps[FL_TAPS];
    uint8_t next_tap;

    struct { bool on; uint32_t v, base, at; uint16_t next, of, cnt; uint32_t count; uint8_t bank; } gather;
    bool trial;
#if FL_OTA
    uint64_t back_at;
    struct {
        uint8_t state;
        char fw[13];
        uint8_t sha[32];
        uint32_t size, have, checked;
        uint64_t asked_at, looked_at, waited, ready_at;
        struct fl_sha256 hash;
    } ota;
#endif
    char out[FL_MESSAGE_MAX];
    struct fl_incoming in;
};

/* ---- For the transport and the main loop ---- */
/* why: power, watchdog, soft, update. Opens all relays. */
void fl_start(struct fl_device *d, const char *why);
/* At least every 100 ms. */
void fl_poll(struct fl_device *d);
/* Counts the connect and, where the transport has one, seals its will; the birth is published by fl_connected. */
size_t fl_connecting(struct fl_device *d, char *will);
void fl_connected(struct fl_device *d);
void fl_dropped(struct fl_device *d);
void fl_message(struct fl_device *d, enum fl_topic topic, const char *message, size_t n, bool retained);
void fl_gateway(struct fl_device *d, const char *json, size_t n);
/* Makes the device somebody's; false when the memory failed. */
bool fl_enrol(struct fl_device *d, const struct fl_claim *claim);
void fl_proof(const struct fl_device *d, char proof[23]);
bool fl_is_held(const struct fl_device *d);

/* ---- Events a board may give besides the polled functions ---- */
void fl_tap(struct fl_device *d, uint8_t rd, const char *tag);
void fl_metered(struct fl_device *d, uint8_t mt, const struct fl_reading *r);
void fl_feedback(struct fl_device *d, uint8_t ch, bool closed);
void fl_fault(struct fl_device *d, uint8_t ch, uint8_t fault, bool on);
void fl_clock(struct fl_device *d, uint64_t ms_since_1970);
const char *fl_fault_code(uint8_t fault);

/* ---- Between the parts ---- */
void fl_store_open(struct fl_device *d);
bool fl_store_state(struct fl_device *d);
bool fl_store_identity(struct fl_device *d);
bool fl_store_config(struct fl_device *d);
bool fl_store_list(struct fl_device *d, const struct fl_list_head *head);
bool fl_entry_load(uint8_t bank, uint32_t index, uint8_t *entries, uint32_t n);
bool fl_entry_save(uint8_t bank, uint32_t index, const uint8_t *entries, uint32_t n);
uint32_t fl_taken(const struct fl_device *d);
/* Fills number, boot, time and clock in and makes it durable; false when it was left out. */
bool fl_append(struct fl_device *d, struct fl_record *r);
bool fl_append_always(struct fl_device *d, struct fl_record *r);
bool fl_record_load(struct fl_device *d, uint32_t seq, struct fl_record *r);
bool fl_room_for_start(const struct fl_device *d);

bool fl_there(const struct fl_device *d);
void fl_flush(struct fl_device *d);
void fl_express(struct fl_device *d, uint32_t seq);
/* Seals and publishes the n bytes of JSON in d->out. */
bool fl_send(struct fl_device *d, enum fl_topic topic, size_t n);
bool fl_answer(struct fl_device *d, const struct fl_answer *a);
bool fl_clock_now(const struct fl_device *d, uint64_t *ms);
void fl_say(struct fl_device *d, uint8_t rd, enum fl_lamp lamp, const char *code, uint16_t seconds);

void fl_lease(struct fl_device *d, const struct fl_lease *l);
void fl_look(struct fl_device *d);
void fl_open_relay(struct fl_device *d, uint8_t ch, const char *why);
bool fl_close_relay(struct fl_device *d, uint8_t ch, const char *sid, enum fl_by by);
bool fl_beat(struct fl_device *d);
void fl_list(struct fl_device *d, const struct fl_list_part *l);
void fl_decide(struct fl_device *d, uint8_t rd, const char *tag, bool recorded);
bool fl_holds(const struct fl_channel *c, const char *tag);
#if FL_OTA
void fl_ota_begin(struct fl_device *d);
void fl_ota_poll(struct fl_device *d);
void fl_offer(struct fl_device *d, const struct fl_offer *o);
void fl_part(struct fl_device *d, const struct fl_part *p);
void fl_confirm(struct fl_device *d, const struct fl_confirm *c);
/* Below 0, 0 or above 0: by the whole numbers in the versions. */
int fl_version_order(const char *a, const char *b);
#endif

#define FL_STORE_BYTES (4096u + FL_PLACES * 144u + 2u * FL_LIST_MAX * FL_ENTRY)
#define FL_STORE_LIST (4096u + FL_PLACES * 144u)

#endif
