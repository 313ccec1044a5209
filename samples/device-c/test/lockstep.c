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

static uint8_t slot[2][65536];
static int active;
static bool on_trial;

/* The author of the contract's example. */
static const uint8_t author[32] = {
    0x4f, 0xd0, 0x99, 0xcc, 0xd4, 0x7d, 0x78, 0x93, 0xdf, 0xe9, 0xec, 0x24, 0x41, 0x4e, 0xcb, 0x0d,
    0x9b, 0x54, 0x20, 0x23, 0x2a, 0xad, 0x30, 0xd9, 0x1c, 0x46, 0x5b, 0xe3, 0x3c, 0xbe, 0x65, 0xc4,
};

static struct fl_board board = {
    .fw = "c-1.1.0", .hw = "lockstep", .relays = 2, .readers = 1, .meters = 1, .display = 40,
    .role = { "main", "exhaust" }, .family = { "iso" }, .profile = { "host" }, .measures = { 0 }, .model = "las-board", .author = author,
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

uint32_t hal_slot_size(void) { return sizeof slot[0]; }
bool hal_on_trial(void) { return on_trial; }

bool hal_slot_write(uint32_t offset, const void *bytes, size_t n)
{
    memcpy(slot[!active] + offset, bytes, n);
    return true;
}

bool hal_slot_read(uint32_t offset, void *bytes, size_t n)
{
    memcpy(bytes, slot[!active] + offset, n);
    return true;
}

/* A firmware here is its version and what else is in the file; the first line counts. */
static void run_slot(bool trial)
{
    static char fw[2][13] = { "c-1.1.0" };
    active = !active;
    on_trial = trial;
    if (trial)
        snprintf(fw[active], sizeof fw[active], "%.*s", (int)strcspn((char *)slot[active], "\n"), (char *)slot[active]);
    board.fw = fw[active];
}

static const char *again;
bool hal_slot(enum fl_slot what)
{
    if (what == FL_SLOT_KEEP)
        on_trial = false;
    else
        again = what == FL_SLOT_TRY ? "update" : "back";
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

static void boot(const char *why)
{
    boot_at = now;
    late = said = 0;
    metered = false;
    rx_n = rx_at = 0;
    fl_serial_start(&serial, &board, FL_PLACES, why);
}

static void claim(const char *text)
{
    static struct fl_incoming in;
    uint8_t json[FL_JSON_MAX];
    size_t n = hex(text, json, sizeof json);
    boot("power");
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
        /* The power was cut: a firmware on trial had its chance. */
        bool back = on_trial;
        if (back)
            run_slot(false);
        boot(back ? "back" : "power");
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
        if (again != NULL) {
            const char *why = again;
            again = NULL;
            run_slot(why[0] == 'u');
            boot(why);
        }
        printf(".\n");
        fflush(stdout);
    }
    return 0;
}
