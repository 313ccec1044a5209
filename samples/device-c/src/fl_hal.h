/* What the board must provide. Nothing else here touches hardware; everything is called from one task. */
#ifndef FL_HAL_H
#define FL_HAL_H

#include "fl_message.h"

/* Milliseconds since the device started, monotonic, never wrapping (64 bits). */
uint64_t hal_now(void);

/* Closes or opens a relay. Opening must work whatever else is broken. */
void hal_relay(uint8_t channel, bool closed);

/* Writes the canonical text of the tag that lies on a reader now, at least 25 bytes; false for none. */
bool hal_reader(uint8_t reader, char tag[25]);

/* Reads a meter; false when there is no new reading. */
bool hal_meter(uint8_t meter, struct fl_reading *reading);

/* Memory that outlasts a power cut, FL_STORE_BYTES of it, first read as anything. A save is durable when it returns
   true; a power cut in the middle of it may spoil the bytes it was given and no others. */
bool hal_load(uint32_t offset, void *bytes, size_t n);
bool hal_save(uint32_t offset, const void *bytes, size_t n);

/* The link. Sending never waits: what does not fit is lost, and repeated by the frame's own rules. */
void hal_send(const uint8_t *bytes, size_t n);
size_t hal_receive(uint8_t *bytes, size_t cap);

/* Lamp, tone and sentence at a reader, for so many seconds; 0 until the next. */
void hal_show(uint8_t reader, enum fl_lamp lamp, const char *sentence, uint16_t seconds, const char *code);

/* For a developer's eyes: "refused" and why, "enrolled" and the name, "full" … May do nothing. */
void hal_log(const char *what, const char *detail);

#endif
