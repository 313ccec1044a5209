/* A device on a serial line: hello, enrolment, and the device's messages as frames. */
#ifndef FL_SERIAL_H
#define FL_SERIAL_H

#include "fl_device.h"
#include "fl_line.h"

struct fl_serial {
    struct fl_device device;
    struct fl_line line;
    bool button;
    uint64_t button_at;
};

void fl_serial_start(struct fl_serial *s, const struct fl_board *board, uint32_t places, const char *why);
/* Reads the link, looks at the clock. Call it as often as the link brings bytes, at least every 100 ms. */
void fl_serial_poll(struct fl_serial *s);
/* The button was held for 5 s. */
void fl_serial_button(struct fl_serial *s);

#endif
