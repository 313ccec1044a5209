/* The device on a line, one step at a time and on a clock that it is told, so that hours pass in a second. On the standard
   input: "now MS", "rx HEX", "claim HEX" (the JSON of a claim, before the first boot), "boot", "tap TAG" (lies there for 300 ms),
   "power MILLIWATTS". On the standard output: "tx HEX", "relay 0 closed", and "." when a step is done. Memory outlasts "boot". */
#include "fl_bytes.h"
#include "fl_serial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint8_t store[FL_STORE_BYTES], rx[4096];
static size_t rx_n, rx_at;
static uint64_t now, boot_at, late, said, lying_until;
static char lying[25];
static struct fl_reading meter;
static bool metered;
static struct fl_serial serial;
static char line[20000];

static const struct fl_board board = {
    .fw = "c-1.1.0", .hw = "lockstep", .relays = 2, .readers = 1, .meters = 1, .display = 40,
    .role = { "main", "exhaust" }, .family = { "iso" }, .profile = { "host" }, .measures = { 0 },
};

/* A save takes a millisecond, as it does on flash: what is said of one moment must not say two. */
uint64_t hal_now(void)
{
    uint64_t t = now - boot_at + late;
    said = t > said ? t : said;
    return said;
}

void hal_relay(uint8_t channel, bool closed) { printf("relay %d %s\n", channel, closed ? "closed" : "open"); }

bool hal_reader(uint8_t reader, char tag[25])
{
    if (reader != 0 || now >= lying_until)
        return false;
    memcpy(tag, lying, sizeof lying);
    return true;
}

bool hal_meter(uint8_t m, struct fl_reading *reading)
{
    *reading = meter;
    return m == 0 && metered;
}

bool hal_load(uint32_t offset, void *bytes, size_t n)
{
    memcpy(bytes, store + offset, n);
    return true;
}

bool hal_save(uint32_t offset, const void *bytes, size_t n)
{
    memcpy(store + offset, bytes, n);
    late++;
    return true;
}

void hal_send(const uint8_t *bytes, size_t n)
{
    printf("tx ");
    for (size_t i = 0; i < n; i++)
        printf("%02X", bytes[i]);
    printf("\n");
}

size_t hal_receive(uint8_t *bytes, size_t cap)
{
    size_t n = rx_n - rx_at < cap ? rx_n - rx_at : cap;
    memcpy(bytes, rx + rx_at, n);
    rx_at += n;
    return n;
}

void hal_show(uint8_t reader, enum fl_lamp lamp, const char *sentence, uint16_t seconds, const char *code)
{
    (void)reader; (void)lamp; (void)sentence; (void)seconds; (void)code;
}

void hal_log(const char *what, const char *detail) { (void)what; (void)detail; }

static size_t hex(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;
    unsigned byte;
    for (; n < cap && sscanf(text + 2 * n, "%2x", &byte) == 1; n++)
        out[n] = (uint8_t)byte;
    return n;
}

static void boot(void)
{
    boot_at = now;
    late = said = 0;
    metered = false;
    rx_n = rx_at = 0;
    fl_serial_start(&serial, &board, FL_PLACES, "power");
}

static void claim(const char *text)
{
    static struct fl_incoming in;
    uint8_t json[FL_JSON_MAX];
    size_t n = hex(text, json, sizeof json);
    boot();
    if (fl_read(FL_NO_TOPIC, (char *)json, n, &in) != FL_FINE || !fl_enrol(&serial.device, &in.u.claim)) {
        fprintf(stderr, "no claim\n");
        exit(2);
    }
}

static void step(void)
{
    unsigned long long number;
    if (sscanf(line, "now %llu", &number) == 1) {
        now = number;
        late = 0;
        fl_serial_poll(&serial);
    } else if (strncmp(line, "rx ", 3) == 0) {
        rx_n = hex(line + 3, rx, sizeof rx);
        rx_at = 0;
        fl_serial_poll(&serial);
    } else if (strncmp(line, "claim ", 6) == 0) {
        claim(line + 6);
    } else if (strcmp(line, "boot") == 0) {
        boot();
    } else if (strncmp(line, "tap ", 4) == 0 && strlen(line + 4) < sizeof lying) {
        memcpy(lying, line + 4, strlen(line + 4) + 1);
        lying_until = now + 300;
        fl_serial_poll(&serial);
    } else if (sscanf(line, "power %llu", &number) == 1) {
        meter.mw = (uint32_t)number;
        metered = true;
    }
}

int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, 65536);
    memset(store, 0xff, sizeof store);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        step();
        printf(".\n");
        fflush(stdout);
    }
    return 0;
}
