/* The device on a host: a terminal line for the link, a file for the memory, lines on the standard input for the
   hardware. device-c <tty> <state file> [power|watchdog|soft|update]

   Lines: "tap iso:04A1B2C3D4E580", "power 900000 [mwh]" (what the meter reads, mW), "button" (held for 5 s),
   "fault 0 heat on", "quit". The end of the input is no reason to stop.
   What the device does goes to the standard output: "relay 0 closed", "show no …". */
#define _DEFAULT_SOURCE
#include "fl_serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int line_fd, store_fd;
static struct fl_serial serial;
static char lying[25];
static uint64_t lying_until;
static struct fl_reading meter;
static bool metered;

static const struct fl_board board = {
    .fw = "c-1.0.0", .hw = "host-000001", .relays = 2, .readers = 1, .meters = 1, .display = 40,
    .role = { "main", "exhaust" }, .family = { "iso" }, .profile = { "host" }, .measures = { 0 },
};

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

void hal_send(const uint8_t *bytes, size_t n)
{
    while (n > 0) {
        ssize_t put = write(line_fd, bytes, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return; /* lost; the frame is repeated */
        bytes += put;
        n -= (size_t)put;
    }
}

size_t hal_receive(uint8_t *bytes, size_t cap)
{
    ssize_t got = read(line_fd, bytes, cap);
    return got > 0 ? (size_t)got : 0;
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
        fl_serial_button(&serial);
    } else if (sscanf(text, "fault %u %15s %7s", &ch, word, state) == 3) {
        for (uint8_t f = 0; f < FL_FAULTS; f++)
            if (strcmp(word, fl_fault_code(f)) == 0)
                fl_fault(&serial.device, (uint8_t)ch, f, strcmp(state, "on") == 0);
    } else if (strcmp(text, "quit") == 0) {
        exit(0);
    }
}

static bool commands(void)
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

int main(int argc, char **argv)
{
    struct termios t;
    bool listening = true;
    if (argc < 3 || (line_fd = open(argv[1], O_RDWR | O_NOCTTY | O_NONBLOCK)) < 0
        || (store_fd = open(argv[2], O_RDWR | O_CREAT, 0600)) < 0) {
        fprintf(stderr, "device-c <tty> <state file> [power|watchdog|soft|update]\n");
        return 2;
    }
    if (tcgetattr(line_fd, &t) == 0) {
        cfmakeraw(&t);
        cfsetspeed(&t, B115200);
        t.c_cflag |= CREAD | CLOCAL;
        tcsetattr(line_fd, TCSANOW, &t);
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    fl_serial_start(&serial, &board, FL_PLACES, argc > 3 ? argv[3] : "power");
    for (;;) {
        struct pollfd fds[2] = { { line_fd, POLLIN, 0 }, { listening ? 0 : -1, POLLIN, 0 } };
        poll(fds, 2, 50);
        if (fds[0].revents & (POLLHUP | POLLERR))
            usleep(50000); /* unplugged: the leases go on, the line may come back */
        if (fds[1].revents != 0)
            listening = commands();
        fl_serial_poll(&serial);
    }
}
