/* What both host programs share: a file for the memory, lines on the standard input for the hardware. */
#ifndef HOST_BOARD_H
#define HOST_BOARD_H

#include "fl_device.h"

extern const struct fl_board host_board;

/* The boot loader: starts the firmware of the slot that is to run, and says why it started when that is this program. Call it
   first. state is the file that is the flash; the slots are beside it. */
const char *host_boot(char **argv, const char *state);
/* Opens the file that is the flash. */
bool host_store(const char *path);
/* Takes the lines that wait on the standard input; waits so many ms for one. */
void host_input(int ms);
/* The device the lines are for, and what is done when the button was held. */
void host_device(struct fl_device *device, void (*button)(void));
/* Takes the lines without waiting, after somebody else has waited; false at the end of the input. */
bool host_lines(void);

#endif
