/* Random bytes, bent and genuine messages, taps, readings, faults, power cuts and a memory that fails now and then,
   for so many seconds. The sanitizers judge; besides, no relay may be closed longer than every rule allows.
   fuzz <seconds> [seed] */
#include "fl_bytes.h"
#include "fl_serial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint8_t *store;
static uint64_t now, seed, closed_at[FL_CHANNELS];
static bool closed[FL_CHANNELS];
static struct fl_serial serial;
static bool restart;
static unsigned long long starts, closings, taken, frames, tries, kept;

/* The author of the contract's example. */
static const uint8_t author[32] = {
    0x4f, 0xd0, 0x99, 0xcc, 0xd4, 0x7d, 0x78, 0x93, 0xdf, 0xe9, 0xec, 0x24, 0x41, 0x4e, 0xcb, 0x0d,
    0x9b, 0x54, 0x20, 0x23, 0x2a, 0xad, 0x30, 0xd9, 0x1c, 0x46, 0x5b, 0xe3, 0x3c, 0xbe, 0x65, 0xc4,
};
static uint8_t slot[4096];
static bool on_trial, to_try;

static const struct fl_board board = {
    .fw = "fuzz", .hw = "fuzz", .relays = 4, .readers = 4, .meters = 4, .display = 255,
    .role = { "main", "exhaust", "light", "lock" }, .family = { "iso", "em", "w", "iso" },
    .profile = { "a", "b", "c", "d" }, .measures = { 0, 1, 2, 3 }, .model = "fuzz", .author = author,
};

static uint32_t any(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 11) % below;
}

static void die(const char *why)
{
    fprintf(stderr, "%s at %llu\n", why, (unsigned long long)now);
    abort();
}

uint64_t hal_now(void) { return now; }
void hal_relay(uint8_t ch, bool close)
{
    closings += close;
    closed[ch] = close;
    closed_at[ch] = now;
}
bool hal_reader(uint8_t reader, char tag[25])
{
    static const char *const tags[] = { "iso:04A1B2C3D4E580", "em:62E3086CED", "w:086CED", "nonsense", "iso:FFFFFFFF",
                                        "iso:94D8FC5F" };
    (void)reader;
    if (any(40) != 0)
        return false;
    strcpy(tag, tags[any(6)]);
    return true;
}
bool hal_meter(uint8_t meter, struct fl_reading *r)
{
    (void)meter;
    r->mw = any(2) ? any(1000000) : any(100);
    r->has_mwh = any(2);
    r->mwh = any(1000000);
    return any(3) != 0;
}
bool hal_load(uint32_t offset, void *bytes, size_t n)
{
    if (offset + n > FL_STORE_BYTES)
        die("read beyond the memory");
    memcpy(bytes, store + offset, n);
    return any(5000) != 0;
}
bool hal_save(uint32_t offset, const void *bytes, size_t n)
{
    if (offset + n > FL_STORE_BYTES)
        die("written beyond the memory");
    bool cut = any(20000) == 0;
    memcpy(store + offset, bytes, cut ? any((uint32_t)n) : n);
    return !cut;
}
void hal_send(const uint8_t *bytes, size_t n)
{
    uint8_t copy[FL_ENCODED_MAX + 1];
    struct fl_frame f;
    if (n > sizeof copy)
        die("a frame too long");
    memcpy(copy, bytes, n);
    if (fl_frame_read(copy, n - 1, &f) != FL_FINE)
        die("a frame that is none");
    frames++;
    if (f.type != FL_T_ACK && f.type != FL_T_ME && any(20) != 0) {
        /* acknowledged by the other end, most of the time */
        uint8_t out[16];
        fl_line_take(&serial.line, out, fl_frame_write(FL_T_ACK, f.seq, NULL, 0, out), now);
    }
}
size_t hal_receive(uint8_t *bytes, size_t cap) { (void)bytes; (void)cap; return 0; }
uint32_t hal_slot_size(void) { return sizeof slot; }
bool hal_on_trial(void) { return on_trial; }
bool hal_slot_write(uint32_t offset, const void *bytes, size_t n)
{
    if (offset + n > sizeof slot)
        die("written beyond the slot");
    memcpy(slot + offset, bytes, n);
    return any(500) != 0;
}
bool hal_slot_read(uint32_t offset, void *bytes, size_t n)
{
    if (offset + n > sizeof slot)
        die("read beyond the slot");
    memcpy(bytes, slot + offset, n);
    return any(500) != 0;
}
bool hal_slot(enum fl_slot what)
{
    for (int ch = 0; ch < 4; ch++)
        if (what == FL_SLOT_TRY && closed[ch])
            die("a restart while a relay is closed");
    for (uint32_t i = 0; what == FL_SLOT_TRY && i < 600; i++)
        if (slot[i] != i % 251)
            die("another firmware than the one signed is tried");
    if (any(50) == 0)
        return false;
    if (what == FL_SLOT_KEEP) {
        kept++;
        on_trial = false;
    } else {
        to_try = what == FL_SLOT_TRY;
        tries += to_try;
        restart = true;
    }
    return true;
}
void hal_show(uint8_t rd, enum fl_lamp lamp, const char *sentence, uint16_t seconds, const char *code)
{
    (void)seconds;
    if (rd >= 4 || strlen(sentence) > 320 || strlen(code) > 32 || fl_lamp_name(lamp) == NULL)
        die("a show that is none");
}
void hal_log(const char *what, const char *detail) { taken += what[0] == 'r' && detail[0] == 0; }

static const char *const samples[] = {
    "{\"m\":\"lease\",\"ch\":%u,\"sid\":\"s%u\",\"n\":%u,\"ttl\":%u,\"at\":%llu,\"s\":true}",
    "{\"m\":\"lease\",\"ch\":%u,\"sid\":\"s%u\",\"n\":%u,\"ttl\":%u,\"at\":%llu}",
    "{\"m\":\"show\",\"rd\":%u,\"k\":\"no\",\"t\":\"\\u00e9 %u\",\"s\":%u}",
    "{\"m\":\"config\",\"v\":%u,\"si\":60,\"hb\":10,\"us\":60,\"me\":1,\"lang\":\"en\",\"ch\":[{\"ll\":\"finish\",\"cap\":60,\"mw\":500,"
    "\"idle\":5,\"of\":\"list\",\"age\":86400,\"omax\":90},{\"ll\":\"open\",\"cap\":0,\"mw\":0,\"idle\":0,\"of\":\"list\",\"age\":86400,"
    "\"omax\":30}],\"rc\":[0,1,2,3]}",
    "{\"m\":\"time\",\"t\":179000000%u000,\"c\":\"abcdefgh\",\"list\":1}",
    "{\"m\":\"rebirth\"}",
    "{\"m\":\"ack\",\"seq\":%u}",
    "{\"m\":\"list\",\"v\":1,\"base\":0,\"i\":0,\"of\":1,\"tk\":1,\"at\":1790000000,\"cnt\":1,\"e\":\"DDvUFsl5WEKfxNDNHeH22QAAAAAP\"}",
    "{\"m\":\"list\",\"v\":%u,\"base\":%u,\"i\":%u,\"of\":2,\"tk\":1,\"at\":1790000000,\"cnt\":1,\"e\":\"IzYbIPcm0pPFRNLOwKNOIQAAAAAP\"}",
    "{\"on\":%u,\"t\":0,\"epoch\":%u}", "{\"on\":false,\"t\":0,\"epoch\":1}", "{\"on\":true,\"t\":0,\"epoch\":%u}",
    "{\"m\":\"claim\",\"dev\":\"las-1\",\"kid\":1,\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\",\"tkid\":1,"
    "\"tk\":\"ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoM\"}",
};

/* An offer that is signed, its two pieces, and the confirmation; whole or bent. */
static const char *const update[] = {
    "{\"m\":\"ota\",\"fw\":\"1.0\",\"md\":\"fuzz\",\"min\":\"0\",\"size\":600,\"sha\":\"208qwl0UA2kyTb7WDXuOMU_fElLBcfhRP7fb9c"
    "yS6I0\",\"sig\":\"lEMqAcyanusf1L92JKypf_HPirFYTQyabdp7v0vZ2CtmQA9eMjoyFyreCYhAliDan7WrhoonHzCGBXHD8vH3CA"
    "\"}",
    "{\"m\":\"part\",\"o\":0,\"b\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4O"
    "To7PD0-P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5fYGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6e3x9fn-AgYKDh"
    "IWGh4iJiouMjY6PkJGSk5SVlpeYmZqbnJ2en6ChoqOkpaanqKmqq6ytrq-wsbKztLW2t7i5uru8vb6_wMHCw8TFxsfIycrLzM3Oz"
    "9DR0tPU1dbX2Nna29zd3t_g4eLj5OXm5-jp6uvs7e7v8PHy8_T19vf4-foAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eH"
    "yAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpa"
    "mtsbW5vcHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjo-QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0t"
    "ba3uLm6u7y9vr_AwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e3-Dh4uPk5ebn6Onq6-zt7u_w8fLz9PX29_j5-gABAgMEB"
    "QYHCAk\"}",
    "{\"m\":\"part\",\"o\":512,\"b\":\"CgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_QEF"
    "CQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYQ\"}",
    "{\"m\":\"confirm\",\"fw\":\"fuzz\"}",
};

static void genuine(void)
{
    static uint32_t count;
    static const uint8_t types[] = { FL_T_CMD, FL_T_CMD, FL_T_CMD, FL_T_CMD, FL_T_CMD, FL_T_CMD, FL_T_DN_ACK, FL_T_LIST,
                                     FL_T_LIST, FL_T_GW, FL_T_GW, FL_T_GW, FL_T_CLAIM };
    static uint16_t seq;
    char text[FL_MESSAGE_MAX + 100];
    uint8_t out[FL_ENCODED_MAX + 1];
    uint32_t which = any(sizeof samples / sizeof samples[0]);
    struct fl_device *d = &serial.device;
    struct fl_counter counter = { d->state.boot - (any(50) == 0), any(50) == 0 ? any(count + 1) : ++count };
    int n;
    bool firmware = which != 12 && any(40) == 0;
    if (which == 12 && fl_is_held(d) && any(50) != 0)
        return;
    if (firmware)
        which = 5;
    if (firmware)
        n = snprintf(text, sizeof text, "%s", update[any(3) == 0 ? any(4) : d->ota.state == 1 ? 1 + (d->ota.have > 0) : d->trial ? 3 : 0]);
    else if (which < 2)
        n = snprintf(text, sizeof text, samples[which], any(5), any(20), count, any(6) ? any(60000) + 500 : 0,
                     (unsigned long long)(now > 5000 ? now - any(5000) : now));
    else if (which == 6)
        n = snprintf(text, sizeof text, samples[which], d->last - any(3));
    else
        n = snprintf(text, sizeof text, samples[which], any(5), any(3), any(3));
    if (any(4) == 0)
        for (uint32_t i = any(4) + 1; i > 0; i--)
            text[any((uint32_t)n)] = any(3) ? "{}[]\",:\\u0-1e.tfn "[any(18)] : (char)any(256);
    size_t len = (size_t)n;
    enum fl_topic topic = types[which] == FL_T_DN_ACK ? FL_DN_ACK : types[which] == FL_T_LIST ? FL_DN_LIST : FL_DN_CMD;
    if (types[which] != FL_T_GW && types[which] != FL_T_CLAIM)
        len = fl_seal(d->dn_key, d->who.kid, d->who.id, topic, counter, text, len);
    seq = (uint16_t)(seq == 65535 ? 1 : seq + 1);
    n = (int)fl_frame_write(types[which], seq, (uint8_t *)text, len > FL_MESSAGE_MAX ? FL_MESSAGE_MAX : len, out);
    if (any(10) == 0)
        out[any((uint32_t)n)] ^= (uint8_t)(1u << any(8));
    fl_line_take(&serial.line, out, (size_t)n, now);
}

static void noise(void)
{
    uint8_t bytes[1200];
    uint32_t n = any(any(10) ? 40 : sizeof bytes);
    bool zeros = any(2);
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(zeros && any(8) == 0 ? 0 : any(256));
    fl_line_take(&serial.line, bytes, n, now);
    if (any(3) == 0) {
        /* Good frames of random contents reach the parsers behind the check sum. */
        uint8_t out[FL_ENCODED_MAX + 1];
        n = any(FL_MESSAGE_MAX);
        fl_line_take(&serial.line, out, fl_frame_write((uint8_t)any(64), (uint16_t)any(65536), bytes, n, out), now);
        struct fl_incoming in;
        fl_read((enum fl_topic)(FL_DN_CMD + any(5)), (char *)bytes, n, &in);
    }
}

int main(int argc, char **argv)
{
    time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 10);
    unsigned long long rounds = 0;
    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252ull;
    store = malloc(FL_STORE_BYTES);
    memset(store, 0xff, FL_STORE_BYTES);
    for (; (rounds & 1023) != 0 || time(NULL) < end; rounds++) {
        if (rounds % 20000 == 0 || restart || any(4000) == 0) {
            static const char *const why[] = { "power", "watchdog", "soft", "update" };
            now = 0;
            starts++;
            /* A firmware on trial has one chance. */
            on_trial = restart && to_try;
            restart = false;
            if (any(200) == 0)
                store[any(4096 + 64 * 144)] ^= 1;
            fl_serial_start(&serial, &board, 64, why[any(4)]);
            for (int ch = 0; ch < 4; ch++)
                if (closed[ch])
                    die("a relay closed after a start");
        }
        switch (any(6)) {
        case 0: noise(); break;
        case 1: now += any(300); break;
        case 2: fl_feedback(&serial.device, (uint8_t)any(4), any(50) ? closed[any(4)] : any(2)); break;
        case 3:
            if (any(100) == 0)
                fl_fault(&serial.device, (uint8_t)any(5), (uint8_t)any(FL_FAULTS), any(2));
            if (any(300) == 0)
                fl_serial_button(&serial);
            if (any(1000) == 0)
                fl_clock(&serial.device, any(2) * 1790000000000ull + any(100000));
            break;
        default: genuine(); break;
        }
        now += any(60);
        fl_line_poll(&serial.line, now);
        fl_serial_poll(&serial);
        for (int ch = 0; ch < 4; ch++) {
            const struct fl_channel *c = &serial.device.ch[ch];
            if (closed[ch] != c->closed)
                die("the relay is not what the device thinks");
            if (closed[ch] && now > c->deadline)
                die("a relay closed after its deadline");
            if (closed[ch] && serial.device.trial)
                die("a relay closed by a firmware on trial");
            if (closed[ch] && (c->faults & FL_OPENING) != 0)
                die("a relay closed under a fault");
        }
        if (fl_taken(&serial.device) > 64)
            die("more records than places");
    }
    printf("%llu rounds, %llu starts, %llu closings, %llu frames written, %llu firmwares tried, %llu kept\n", rounds, starts, closings,
           frames, tries, kept);
    free(store);
    return 0;
}
