/* The scenarios of device.json and line.json: a board that is played, and what the device does with it. */
#include "vectors.h"

#include "fl_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t now;
static bool closed[FL_CHANNELS];
static uint8_t *store;
static struct dom *outputs[4096];
static int output_n;
static struct fl_serial serial;
static struct fl_line line;
static struct fl_device *const device = &serial.device;
static bool on_line;
static uint32_t count;
static uint16_t gateway_seq;
static const struct dom *current;

/* The author of the example in the contract, and the file whose byte at place i is i mod 251. */
static const uint8_t author[32] = {
    0x4f, 0xd0, 0x99, 0xcc, 0xd4, 0x7d, 0x78, 0x93, 0xdf, 0xe9, 0xec, 0x24, 0x41, 0x4e, 0xcb, 0x0d,
    0x9b, 0x54, 0x20, 0x23, 0x2a, 0xad, 0x30, 0xd9, 0x1c, 0x46, 0x5b, 0xe3, 0x3c, 0xbe, 0x65, 0xc4,
};
static uint8_t slot[4096];
static bool on_trial;

static struct fl_board board = {
    .fw = "1.4.0", .hw = "24:6F:28:AA:BB:CC", .relays = 2, .readers = 1, .meters = 1, .display = 40,
    .role = { "main", "exhaust" }, .family = { "iso" }, .profile = { "pn532" }, .measures = { 0 }, .model = "las-board", .author = author,
};

static void output(const char *json)
{
    size_t n = strlen(json);
    char *kept = malloc(n + 1);
    memcpy(kept, json, n + 1);
    struct dom *d = dom_parse(kept, n);
    if (d != NULL && output_n < 4096)
        outputs[output_n++] = d;
}

uint64_t hal_now(void) { return now; }
bool hal_reader(uint8_t reader, char tag[25]) { (void)reader; (void)tag; return false; }
bool hal_meter(uint8_t meter, struct fl_reading *reading) { (void)meter; (void)reading; return false; }
size_t hal_receive(uint8_t *bytes, size_t cap) { (void)bytes; (void)cap; return 0; }

void hal_relay(uint8_t channel, bool close)
{
    char json[64];
    closed[channel] = close;
    snprintf(json, sizeof json, "{\"relay\":%d,\"closed\":%s}", channel, close ? "true" : "false");
    output(json);
}

bool hal_load(uint32_t offset, void *bytes, size_t n)
{
    memcpy(bytes, store + offset, n);
    return true;
}

bool hal_save(uint32_t offset, const void *bytes, size_t n)
{
    memcpy(store + offset, bytes, n);
    if (offset < FL_STORE_LIST) /* what is gathered of a list is not yet anything */
        output("{\"save\":true}");
    return true;
}

uint32_t hal_slot_size(void) { return sizeof slot; }
bool hal_on_trial(void) { return on_trial; }

bool hal_slot_write(uint32_t offset, const void *bytes, size_t n)
{
    char json[64];
    memcpy(slot + offset, bytes, n);
    snprintf(json, sizeof json, "{\"slot\":\"write\",\"at\":%u,\"n\":%u}", (unsigned)offset, (unsigned)n);
    output(json);
    return true;
}

bool hal_slot_read(uint32_t offset, void *bytes, size_t n)
{
    memcpy(bytes, slot + offset, n);
    return true;
}

bool hal_slot(enum fl_slot what)
{
    static const char *const names[] = { "{\"slot\":\"try\"}", "{\"slot\":\"keep\"}", "{\"slot\":\"back\"}" };
    output(names[what]);
    return true;
}

void hal_show(uint8_t reader, enum fl_lamp lamp, const char *sentence, uint16_t seconds, const char *code)
{
    char json[600];
    snprintf(json, sizeof json, "{\"show\":\"%s\",\"text\":\"%s\",\"s\":%d,\"rd\":%d%s%s%s}", fl_lamp_name(lamp), sentence,
             seconds, reader, code[0] ? ",\"code\":\"" : "", code, code[0] ? "\"" : "");
    output(json);
}

void hal_log(const char *what, const char *detail)
{
    char json[100];
    if (strcmp(what, "enrolled") == 0)
        snprintf(json, sizeof json, "{\"enrolled\":\"%s\",\"kid\":%d}", detail, device->who.kid);
    else
        snprintf(json, sizeof json, "{\"%s\":\"%s\"}", what, detail);
    output(json);
}

/* What goes out on a line, as type, number and text or JSON. */
void hal_send(const uint8_t *bytes, size_t n)
{
    uint8_t copy[FL_ENCODED_MAX + 1];
    struct fl_frame f;
    char json[1200];
    memcpy(copy, bytes, n);
    if (fl_frame_read(copy, n - 1, &f) != FL_FINE) {
        check(current, false, "wrote a bad frame");
        return;
    }
    int len = (int)f.n;
    bool is_json = len > 0 && f.payload[0] == '{';
    if (is_json && f.type >= FL_T_STATE && f.type <= FL_T_RES)
        len -= FL_TRAILER;
    snprintf(json, sizeof json, "{\"write\":\"%02x\",\"seq\":%d,\"%s\":%s%.*s%s}", f.type, f.seq, is_json ? "json" : "text",
             is_json ? "" : "\"", len, (const char *)f.payload, is_json ? "" : "\"");
    output(json);
}

static bool publish(void *owner, enum fl_topic topic, const char *message, size_t n)
{
    char json[FL_MESSAGE_MAX + 1];
    struct fl_counter counter;
    (void)owner;
    check(current, fl_open(device->up_key, device->who.kid, device->who.id, topic, message, n, &counter) == FL_FINE, "sealed wrong");
    memcpy(json, message, n - FL_TRAILER);
    json[n - FL_TRAILER] = 0;
    output(json);
    return true;
}

/* ---- A bare end of a line ---- */
static void line_write(void *owner, const uint8_t *bytes, size_t n) { (void)owner; hal_send(bytes, n); }
static void line_arrived(void *owner, uint8_t type, const uint8_t *payload, size_t n)
{
    char json[1000];
    (void)owner;
    snprintf(json, sizeof json, "{\"arrived\":\"%02x\",\"text\":\"%.*s\"}", type, (int)n, (const char *)payload);
    output(json);
}
static void line_delivered(void *owner, uint8_t type, uint16_t seq)
{
    char json[40];
    (void)owner;
    (void)type;
    snprintf(json, sizeof json, "{\"delivered\":%d}", seq);
    output(json);
}
static void line_dead(void *owner) { (void)owner; output("{\"dead\":true}"); }
static void line_refused(void *owner, enum fl_fault fault) { (void)owner; hal_log("refused", fl_fault_name(fault)); }

/* ---- Inputs ---- */

static void message(const char *json, size_t n, uint32_t boot, uint32_t number, bool retained)
{
    char sealed[FL_MESSAGE_MAX + 60];
    struct fl_counter counter = { boot, number };
    struct dom *m = dom_parse(json, n);
    const char *name = dom_text(m, "m", "");
    enum fl_topic topic = strcmp(name, "ack") == 0 ? FL_DN_ACK : strcmp(name, "list") == 0 ? FL_DN_LIST : FL_DN_CMD;
    if (number > count)
        count = number;
    memcpy(sealed, json, n);
    n = fl_seal(device->dn_key, device->who.kid, device->who.id, topic, counter, sealed, n);
    if (on_line) {
        uint8_t out[FL_ENCODED_MAX + 1];
        static const uint8_t types[] = { FL_T_CMD, FL_T_DN_ACK, FL_T_LIST };
        n = fl_frame_write(types[topic - FL_DN_CMD], ++gateway_seq, (uint8_t *)sealed, n, out);
        fl_line_take(&serial.line, out, n, now);
    } else {
        fl_message(device, topic, sealed, n, retained);
    }
}

static void plain(const char *json) { message(json, strlen(json), device->state.boot, count + 1, false); }

/* Entries are given by tag; exp 0 and rights 1 when the scenario does not say. */
static void list_message(const struct dom *m, const struct dom *entries)
{
    char json[FL_JSON_MAX + 100], packed[600];
    uint8_t e[FL_CHUNK * FL_ENTRY], key[32], mac[32];
    size_t n = 0;
    for (int i = 0; i < 32; i++)
        key[i] = (uint8_t)(100 + i);
    for (struct dom *x = entries->first; x != NULL; x = x->next, n += FL_ENTRY) {
        struct fl_hmac h;
        const char *tag = dom_text(x, "tag", "");
        uint32_t exp = (uint32_t)dom_number(x, "exp", 0);
        fl_hmac_begin(&h, key, 32);
        fl_hmac_add(&h, tag, strlen(tag));
        fl_hmac_end(&h, mac);
        memcpy(e + n, mac, 16);
        for (int i = 0; i < 4; i++)
            e[n + 16 + (size_t)i] = (uint8_t)(exp >> (24 - 8 * i));
        e[n + 20] = (uint8_t)dom_number(x, "rights", 1);
    }
    fl_base64(e, n, packed);
    snprintf(json, sizeof json, "{\"m\":\"list\",\"v\":%d,\"base\":%d,\"i\":%d,\"of\":%d,\"tk\":%d,\"at\":%d,\"cnt\":%d,\"e\":\"%s\"}",
             (int)dom_number(m, "v", 1), (int)dom_number(m, "base", 0), (int)dom_number(m, "i", 0), (int)dom_number(m, "of", 1),
             (int)dom_number(m, "tk", 1), (int)dom_number(m, "at", 1790000000), (int)dom_number(m, "cnt", (int64_t)(n / FL_ENTRY)), packed);
    plain(json);
}

static void piece_message(const struct dom *piece, uint32_t number)
{
    char json[FL_JSON_MAX + 100], packed[700];
    uint8_t bytes[FL_PIECE];
    unsigned at = (unsigned)piece->first->number, n = (unsigned)piece->first->next->number;
    for (unsigned i = 0; i < n; i++)
        bytes[i] = (uint8_t)((at + i) % 251);
    fl_base64(bytes, n, packed);
    int len = snprintf(json, sizeof json, "{\"m\":\"part\",\"o\":%u,\"b\":\"%s\"}", at, packed);
    message(json, (size_t)len, device->state.boot, number, false);
}

static void config_message(const struct dom *c)
{
    char json[FL_JSON_MAX];
    snprintf(json, sizeof json,
             "{\"m\":\"config\",\"v\":1,\"si\":60,\"hb\":60,\"us\":300,\"me\":10,\"lang\":\"fr\",\"ch\":[{\"ll\":\"%s\",\"cap\":%d,"
             "\"mw\":%d,\"idle\":%d,\"of\":\"%s\",\"age\":%d,\"omax\":%d}],\"rc\":[0]}",
             dom_text(c, "ll", "open"), (int)dom_number(c, "cap", 0), (int)dom_number(c, "mw", 0), (int)dom_number(c, "idle", 0),
             dom_text(c, "of", "deny"), (int)dom_number(c, "age", 0), (int)dom_number(c, "omax", 0));
    plain(json);
}

static void tick_to(uint64_t t)
{
    for (;;) {
        now = now + 100 < t ? now + 100 : t;
        if (current == NULL || dom_get(current, "end") != NULL || !on_line)
            fl_poll(device);
        if (on_line)
            fl_line_poll(dom_get(current, "end") != NULL ? &serial.line : &line, now);
        if (now >= t)
            return;
    }
}

static void connect(void)
{
    char will[FL_MESSAGE_MAX + 1];
    size_t n = fl_connecting(device, will);
    will[n - FL_TRAILER] = 0;
    output(will);
    fl_connected(device);
}

static void frame(const struct dom *f)
{
    uint8_t out[FL_ENCODED_MAX + 1], type;
    struct dom *json = dom_get(f, "json");
    const char *text = json != NULL ? json->from : dom_text(f, "text", "");
    size_t n = json != NULL ? (size_t)(json->to - json->from) : strlen(text);
    dom_hex(dom_text(f, "type", "00"), &type, 1);
    n = fl_frame_write(type, (uint16_t)dom_number(f, "seq", 0), (const uint8_t *)text, n, out);
    fl_line_take(dom_get(current, "end") != NULL ? &serial.line : &line, out, n, now);
}

static void fill(uint32_t to)
{
    while (fl_taken(device) < to) {
        struct fl_record r;
        memset(&r, 0, sizeof r);
        r.kind = FL_FAULT;
        r.ch = 1;
        strcpy(r.why, "meter");
        fl_append_always(device, &r);
    }
    fl_flush(device);
}

static void reading(const struct dom *me)
{
    struct fl_reading r = { (uint32_t)dom_number(me, "mw", 0), 0, 0, (uint64_t)dom_number(me, "mwh", 0), false, false,
                            dom_get(me, "mwh") != NULL };
    fl_metered(device, 0, &r);
}

static void input(const struct dom *s)
{
    struct dom *x;
    if (dom_get(s, "tick") != NULL) {
        tick_to((uint64_t)dom_number(s, "t", 0));
        return;
    }
    now = (uint64_t)dom_number(s, "t", 0);
    if ((x = dom_get(s, "boot")) != NULL) {
        on_trial = dom_flag(s, "trial");
        fl_start(device, x->text);
    } else if (dom_get(s, "connect") != NULL)
        connect();
    else if (dom_get(s, "drop") != NULL)
        fl_dropped(device);
    else if ((x = dom_get(s, "tap")) != NULL)
        fl_tap(device, 0, x->text);
    else if ((x = dom_get(s, "me")) != NULL)
        reading(x);
    else if ((x = dom_get(s, "feedback")) != NULL)
        fl_feedback(device, (uint8_t)dom_number(x, "ch", 0), dom_flag(x, "closed"));
    else if ((x = dom_get(s, "fault")) != NULL) {
        for (uint8_t f = 0; f < FL_FAULTS; f++)
            if (strcmp(fl_fault_code(f), dom_text(x, "f", "")) == 0)
                fl_fault(device, (uint8_t)dom_number(x, "ch", 0), f, dom_flag(x, "on"));
    } else if ((x = dom_get(s, "clock")) != NULL)
        fl_clock(device, (uint64_t)x->number);
    else if ((x = dom_get(s, "gw")) != NULL)
        fl_gateway(device, x->from, (size_t)(x->to - x->from));
    else if ((x = dom_get(s, "fill")) != NULL)
        fill((uint32_t)x->number);
    else if ((x = dom_get(s, "msg")) != NULL) {
        if (dom_get(x, "entries") != NULL)
            list_message(x, dom_get(x, "entries"));
        else if (dom_get(x, "piece") != NULL)
            piece_message(dom_get(x, "piece"), (uint32_t)dom_number(s, "count", count + 1));
        else
            message(x->from, (size_t)(x->to - x->from), (uint32_t)dom_number(s, "boot#", device->state.boot),
                    (uint32_t)dom_number(s, "count", count + 1), dom_flag(s, "retained"));
    } else if ((x = dom_get(s, "frame")) != NULL)
        frame(x);
    else if ((x = dom_get(s, "bytes")) != NULL) {
        uint8_t bytes[64];
        fl_line_take(&line, bytes, dom_hex(x->text, bytes, sizeof bytes), now);
    } else if ((x = dom_get(s, "send")) != NULL) {
        const char *text = dom_text(x, "text", "");
        uint8_t type;
        dom_hex(dom_text(x, "type", ""), &type, 1);
        for (int64_t i = dom_number(x, "times", 1); i > 0; i--)
            if (!fl_line_send(&line, type, (const uint8_t *)text, strlen(text), now))
                output("{\"full\":true}");
    } else if (dom_get(s, "button") != NULL)
        fl_serial_button(&serial);
    else if ((x = dom_get(s, "start")) != NULL)
        fl_serial_start(&serial, &board, FL_PLACES, x->text);
    else
        check(current, false, "an input this runner does not know");
}

/* ---- Judging ---- */

static void judge(const struct dom *v, const struct dom *s, int step)
{
    char what[1500];
    int at = 0;
    for (struct dom *w = dom_get(s, "out") == NULL ? NULL : dom_get(s, "out")->first; w != NULL; w = w->next) {
        while (at < output_n && !dom_matches(w, outputs[at]))
            at++;
        if (at == output_n) {
            snprintf(what, sizeof what, "step %d: wanted %.*s", step, (int)(w->to - w->from), w->from);
            check(v, false, what);
            break;
        }
        at++;
    }
    for (struct dom *w = dom_get(s, "not") == NULL ? NULL : dom_get(s, "not")->first; w != NULL; w = w->next)
        for (int i = 0; i < output_n; i++)
            if (dom_matches(w, outputs[i])) {
                snprintf(what, sizeof what, "step %d: not wanted %.*s", step, (int)(outputs[i]->to - outputs[i]->from), outputs[i]->from);
                check(v, false, what);
            }
    if (dom_get(s, "relay") != NULL && closed[0] != dom_flag(s, "relay")) {
        snprintf(what, sizeof what, "step %d: relay is %s", step, closed[0] ? "closed" : "open");
        check(v, false, what);
    }
    if (getenv("SHOW") != NULL && strcmp(getenv("SHOW"), dom_text(v, "id", "")) == 0)
        for (int i = 0; i < output_n; i++)
            printf("  %d: %.*s\n", step, (int)(outputs[i]->to - outputs[i]->from), outputs[i]->from);
    output_n = 0;
}

static void own(bool tag_key)
{
    memset(&device->who, 0, sizeof device->who);
    device->who.enrolment = 1;
    device->who.kid = 1;
    strcpy(device->who.id, "las-1");
    for (int i = 0; i < 32; i++) {
        device->who.key[i] = (uint8_t)i;
        device->who.tag_key[i] = (uint8_t)(tag_key ? 100 + i : 0);
    }
    device->who.tkid = tag_key ? 1 : 0;
    fl_store_identity(device);
}

static void joined(const struct dom *v)
{
    const char *from = dom_text(v, "from", "");
    if (from[0] == 0)
        return;
    now = 0;
    fl_start(device, "power");
    now = 100;
    connect();
    now = 200;
    plain("{\"m\":\"time\",\"t\":1790000000000,\"c\":\"abcdefgh\",\"list\":0}");
    now = 300;
    plain("{\"m\":\"ack\",\"seq\":1}");
    now = 400;
    if (dom_get(v, "config") != NULL)
        config_message(dom_get(v, "config"));
    now = 500;
    if (dom_get(v, "list") != NULL)
        list_message(NULL, dom_get(v, "list"));
    if (strcmp(from, "away") == 0) {
        now = 600;
        fl_dropped(device);
    }
}

int scenarios(struct dom *all, bool lines)
{
    int n = 0;
    store = malloc(FL_STORE_BYTES);
    for (struct dom *v = all->first; v != NULL; v = v->next, n++) {
        int step = 0;
        current = v;
        on_line = lines;
        memset(store, 0xff, FL_STORE_BYTES);
        memset(&serial, 0, sizeof serial);
        memset(&line, 0, sizeof line);
        memset(closed, 0, sizeof closed);
        now = 0;
        count = 0;
        on_trial = false;
        board.author = dom_flag(v, "noUpdates") ? NULL : author;
        gateway_seq = 0;
        device->board = &board;
        device->places = (uint32_t)dom_number(v, "journal", 2000);
        device->publish = publish;
        line.write = line_write;
        line.arrived = line_arrived;
        line.delivered = line_delivered;
        line.dead = line_dead;
        line.refused = line_refused;
        fl_line_begin(&line);
        if (strcmp(dom_text(v, "end", ""), "nobody") != 0)
            own(dom_get(v, "noTagKey") == NULL);
        joined(v);
        output_n = 0;
        for (struct dom *s = dom_get(v, "steps")->first; s != NULL; s = s->next) {
            input(s);
            judge(v, s, ++step);
        }
    }
    free(store);
    return n;
}
