/* The device on a host with a terminal line for the link: device-c <tty> <state file> [power|watchdog|soft|update].
   board.c says what it understands on its standard input. */
#define _DEFAULT_SOURCE
#include "board.h"
#include "fl_serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static int line_fd;
static struct fl_serial serial;

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

static void button(void) { fl_serial_button(&serial); }

int main(int argc, char **argv)
{
    struct termios t;
    bool listening = true;
    const char *why = argc < 3 ? NULL : host_boot(argv, argv[2]);
    if (why == NULL || (line_fd = open(argv[1], O_RDWR | O_NOCTTY | O_NONBLOCK)) < 0 || !host_store(argv[2])) {
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
    host_device(&serial.device, button);
    fl_serial_start(&serial, &host_board, FL_PLACES, argc > 3 && strcmp(why, "power") == 0 ? argv[3] : why);
    for (;;) {
        struct pollfd fds[2] = { { line_fd, POLLIN, 0 }, { listening ? 0 : -1, POLLIN, 0 } };
        poll(fds, 2, 50);
        if (fds[0].revents & (POLLHUP | POLLERR))
            usleep(50000); /* unplugged: the leases go on, the line may come back */
        if (fds[1].revents != 0)
            listening = host_lines();
        fl_serial_poll(&serial);
    }
}
