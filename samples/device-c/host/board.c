/* The hardware of a host: "tap iso:04A1B2C3D4E580", "power 900000 [mwh]" (what the meter reads, mW), "button" (held for
   5 s), "fault 0 heat on", "quit", one to a line of the standard input. The end of the input is no reason to stop.
   What the device does goes to the standard output: "relay 0 closed", "show no ...". */
#define _DEFAULT_SOURCE
#include "board.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int store_fd = -1;
static struct fl_device *device;
static void (*held)(void);
static bool listening = true;
static char lying[25];
static uint64_t lying_until;
static struct fl_reading meter;
static bool metered;

/* The author of the contract's example: everybody has its secret. A firmware of your own has your key here. */
#ifndef HOST_AUTHOR
#define HOST_AUTHOR \
    0x4f, 0xd0, 0x99, 0xcc, 0xd4, 0x7d, 0x78, 0x93, 0xdf, 0xe9, 0xec, 0x24, 0x41, 0x4e, 0xcb, 0x0d, \
    0x9b, 0x54, 0x20, 0x23, 0x2a, 0xad, 0x30, 0xd9, 0x1c, 0x46, 0x5b, 0xe3, 0x3c, 0xbe, 0x65, 0xc4
#endif
#ifndef HOST_FW
#define HOST_FW "c-1.1.0"
#endif

static const uint8_t author[32] = { HOST_AUTHOR };

const struct fl_board host_board = {
    .fw = HOST_FW, .hw = "host-000001", .relays = 2, .readers = 1, .meters = 1, .display = 40,
    .role = { "main", "exhaust" }, .family = { "iso" }, .profile = { "host" }, .measures = { 0 }, .model = "host", .author = author,
};

bool host_store(const char *path)
{
    store_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return store_fd >= 0;
}

void host_device(struct fl_device *d, void (*button)(void))
{
    device = d;
    held = button;
}

uint64_t hal_now(void)
{
    static uint64_t start;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    if (start == 0)
        start = ms;
    return ms - start;
}

void hal_relay(uint8_t channel, bool closed) { printf("relay %d %s\n", channel, closed ? "closed" : "open"); }

bool hal_reader(uint8_t reader, char tag[25])
{
    if (reader != 0 || hal_now() >= lying_until)
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
    ssize_t got = pread(store_fd, bytes, n, (off_t)offset);
    if (got < 0)
        return false;
    memset((char *)bytes + got, 0xff, n - (size_t)got);
    return true;
}

bool hal_save(uint32_t offset, const void *bytes, size_t n)
{
    return pwrite(store_fd, bytes, n, (off_t)offset) == (ssize_t)n && fdatasync(store_fd) == 0;
}

void hal_show(uint8_t reader, enum fl_lamp lamp, const char *sentence, uint16_t seconds, const char *code)
{
    (void)seconds;
    printf("show %d %s %s %s\n", reader, fl_lamp_name(lamp), code[0] ? code : "-", sentence);
}

void hal_log(const char *what, const char *detail) { printf("log %s %s\n", what, detail); }

static void command(char *text)
{
    char word[16] = "", state[8] = "";
    unsigned ch;
    unsigned long long mwh;
    if (strncmp(text, "tap ", 4) == 0 && strlen(text + 4) < sizeof lying) {
        strcpy(lying, text + 4);
        lying_until = hal_now() + 300;
    } else if (sscanf(text, "power %u %llu", &meter.mw, &mwh) >= 1) {
        meter.has_mwh = strchr(text + 6, ' ') != NULL;
        meter.mwh = meter.has_mwh ? mwh : 0;
        metered = true;
    } else if (strcmp(text, "button") == 0) {
        held();
    } else if (sscanf(text, "fault %u %15s %7s", &ch, word, state) == 3) {
        for (uint8_t f = 0; f < FL_FAULTS; f++)
            if (strcmp(word, fl_fault_code(f)) == 0)
                fl_fault(device, (uint8_t)ch, f, strcmp(state, "on") == 0);
    } else if (strcmp(text, "quit") == 0) {
        exit(0);
    }
}

bool host_lines(void)
{
    static char text[200];
    static size_t n;
    char c;
    ssize_t got;
    while ((got = read(0, &c, 1)) == 1) {
        if (c == '\n') {
            text[n] = 0;
            command(text);
            n = 0;
        } else if (n + 1 < sizeof text) {
            text[n++] = c;
        }
        struct pollfd more = { 0, POLLIN, 0 };
        if (poll(&more, 1, 0) <= 0)
            return true;
    }
    return got != 0;
}

void host_input(int ms)
{
    struct pollfd in = { listening ? 0 : -1, POLLIN, 0 };
    if (poll(&in, 1, ms) > 0 && in.revents != 0)
        listening = host_lines();
}
