/* The messages of the contract: reading those of the gateway, writing those of the device. */
#ifndef FL_MESSAGE_H
#define FL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FL_JSON_MAX 768
#define FL_MESSAGE_MAX 811
#define FL_TRAILER 43
#define FL_CHANNELS 4
#define FL_READERS 4
#define FL_METERS 4
#define FL_CHUNK 20
#define FL_ENTRY 21
#define FL_PIECE 512

/* Updates over the air, section 19 of the contract. 0 leaves them and the code for signatures out. */
#ifndef FL_OTA
#define FL_OTA 1
#endif

enum fl_topic {
    FL_UP_STATE, FL_UP_EV, FL_UP_ME, FL_UP_RES,
    FL_DN_CMD, FL_DN_ACK, FL_DN_LIST,
    FL_GW_STATE,
    FL_NO_TOPIC,
};

/* Why something was refused. Only fl_note sees it; the other end sees an answer or nothing. */
enum fl_fault {
    FL_FINE,
    FL_TOO_LONG, FL_BAD_TRAILER, FL_UNKNOWN_KEY, FL_BAD_CODE, FL_OTHER_BOOT, FL_OLD_COUNTER,
    FL_NOT_JSON, FL_UNKNOWN_MESSAGE, FL_MISSING, FL_WRONG_TYPE, FL_OUT_OF_RANGE, FL_CONTRADICTION,
    FL_RETAINED, FL_UNKNOWN_TOPIC, FL_BAD_FRAME, FL_BAD_CRC,
};
const char *fl_fault_name(enum fl_fault fault);

/* "up/ev" and so on, and back from a full topic text: FL_NO_TOPIC for anything else. device may be NULL;
   else it gets the device id, at least 25 bytes. */
const char *fl_topic_name(enum fl_topic topic);
enum fl_topic fl_topic_parse(const char *text, size_t n, char *device);

bool fl_is_device_id(const char *text);
bool fl_is_tag(const char *text);
/* The text under which a tag is looked for on the list: which 0 whole, 1 last four, 2 last three bytes. */
bool fl_tag_spelling(const char *tag, int which, char out[25]);

/* ---- Envelope ---- */
struct fl_counter {
    uint32_t boot;
    uint32_t count;
};
/* message holds n bytes of JSON and has room for the trailer; returns the length of the whole. */
size_t fl_seal(const uint8_t key[32], uint8_t kid, const char *device, enum fl_topic topic, struct fl_counter counter,
               char *message, size_t n);
/* Checks length, form, key number and code, nothing else. The JSON is the first n - FL_TRAILER bytes. */
enum fl_fault fl_open(const uint8_t key[32], uint8_t kid, const char *device, enum fl_topic topic, const char *message,
                      size_t n, struct fl_counter *counter);

/* ---- From the gateway ---- */
enum fl_kind { FL_LEASE, FL_SHOW, FL_CONFIG, FL_TIME, FL_REBIRTH, FL_ACK, FL_LIST, FL_GW, FL_CLAIM, FL_OFFER, FL_PART, FL_CONFIRM };

struct fl_lease {
    uint8_t ch;
    bool start;
    char sid[23];
    uint32_t n, ttl;
    uint64_t at;
};
enum fl_lamp { FL_YES, FL_NO, FL_WAIT, FL_WARN, FL_INFO };
const char *fl_lamp_name(enum fl_lamp lamp);
struct fl_show {
    uint8_t rd;
    enum fl_lamp k;
    char t[321];
    uint16_t s;
    char code[33];
    uint32_t answers;
};
struct fl_policy {
    bool finish, list;
    uint16_t idle;
    uint32_t cap, mw, age, omax;
};
struct fl_config {
    uint32_t v;
    uint16_t si, hb, us, me;
    bool english;
    uint8_t rc[FL_READERS];
    struct fl_policy ch[FL_CHANNELS];
};
struct fl_time {
    uint64_t t;
    char c[23];
    uint32_t list;
};
struct fl_ack {
    uint32_t seq;
    uint8_t bad;
};
struct fl_list_part {
    uint32_t v, base, at;
    uint16_t i, of, cnt;
    uint8_t tk, n;
    uint8_t e[FL_CHUNK * FL_ENTRY];
};
struct fl_offer {
    char fw[13], md[17], min[13];
    uint32_t size;
    uint8_t sha[32], sig[64];
};
struct fl_part {
    uint32_t o;
    uint16_t n;
    uint8_t b[FL_PIECE];
};
struct fl_confirm {
    char fw[13];
};
struct fl_gw {
    bool on;
    uint64_t t;
    uint32_t epoch;
};
struct fl_claim {
    char dev[25];
    uint8_t kid, tkid;
    bool has_tk;
    uint8_t k[32], tk[32];
    char host[65], ssid[33], pass[64];
    uint16_t port;
};
struct fl_incoming {
    enum fl_kind kind;
    const char *field; /* of the fault, NULL when it has none */
    union {
        struct fl_lease lease;
        struct fl_show show;
        struct fl_config config;
        struct fl_time time;
        struct fl_ack ack;
        struct fl_list_part list;
#if FL_OTA
        struct fl_offer offer;
        struct fl_part part;
        struct fl_confirm confirm;
#endif
        struct fl_gw gw;
        struct fl_claim claim;
    } u;
};
/* topic FL_DN_CMD, FL_DN_ACK, FL_DN_LIST or FL_GW_STATE; FL_NO_TOPIC reads a claim. */
enum fl_fault fl_read(enum fl_topic topic, const char *json, size_t n, struct fl_incoming *in);

/* ---- From the device ---- */
enum fl_record_kind { FL_BADGE, FL_GRANT, FL_DENY, FL_ON, FL_OFF, FL_KEEP, FL_USE, FL_BOOT, FL_FAULT, FL_LOST };
struct fl_record {
    uint32_t seq, boot;
    uint64_t up, ts; /* ts 0: no clock */
    uint64_t mwh;
    uint64_t ms;   /* ms of off, keep, use; lu of boot */
    uint32_t list; /* list of grant, deny, on; lb of boot; cnt of lost */
    uint32_t max;
    uint8_t kind, ch, rd, on;
    bool off, has_off, has_mwh, has_list;
    char tag[25], sid[23], why[17]; /* why: also pf and f */
};
size_t fl_write_record(const struct fl_record *r, char *out, size_t cap);

struct fl_reading {
    uint32_t mw, mv, ma;
    uint64_t mwh;
    bool has_mv, has_ma, has_mwh;
};
size_t fl_write_reading(uint8_t mt, uint64_t up, const struct fl_reading *r, char *out, size_t cap);

struct fl_board {
    const char *fw, *hw;
    uint8_t relays, readers, meters, display;
    const char *role[FL_CHANNELS], *family[FL_READERS], *profile[FL_READERS];
    uint8_t measures[FL_METERS];
    /* The kind of board, and the author's key that its firmware is signed with (32 bytes); without a key no updates are taken. */
    const char *model;
    const uint8_t *author;
};
struct fl_birth {
    const struct fl_board *board;
    uint32_t boot, bd, first, last, lost, list, la, cfg;
    uint16_t free;
    uint8_t pv, tk, closed, faults;
    uint64_t up;
    bool trial;
    struct { uint8_t ch; const char *sid, *by; uint32_t left; } st[FL_CHANNELS];
    struct { uint8_t ch; const char *code; } ft[4];
};
size_t fl_write_birth(const struct fl_birth *b, char *out, size_t cap);
size_t fl_write_will(uint32_t bd, char *out, size_t cap);

struct fl_answer {
    const char *re, *code, *c;
    uint64_t up;
    bool has_ch, has_n, has_v, has_i;
    uint8_t ch;
    uint16_t i;
    uint32_t n, v;
};
size_t fl_write_answer(const struct fl_answer *a, char *out, size_t cap);
size_t fl_write_ask(const char *q, uint64_t up, const uint32_t *n, char *out, size_t cap);
size_t fl_write_claimed(const char *code, const struct fl_board *board, const char *proof, char *out, size_t cap);

#endif
