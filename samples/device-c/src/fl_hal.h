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

#if FL_OTA
/* Two slots for the firmware: one runs, the other is written. A write at offset 0 begins anew; what is written need be
   durable only when the slot is tried. */
uint32_t hal_slot_size(void);
bool hal_slot_write(uint32_t offset, const void *bytes, size_t n);
bool hal_slot_read(uint32_t offset, void *bytes, size_t n);

/* TRY restarts into the slot that was written, on trial: the boot loader goes back to this one at any restart but after
   KEEP, which makes the firmware that runs the one that stays. BACK restarts into the one before. false: it did not work. */
enum fl_slot { FL_SLOT_TRY, FL_SLOT_KEEP, FL_SLOT_BACK };
bool hal_slot(enum fl_slot what);

/* Whether the firmware that runs is on trial. */
bool hal_on_trial(void);
#endif

/* For a developer's eyes: "refused" and why, "enrolled" and the name, "full" … May do nothing. */
void hal_log(const char *what, const char *detail);

#endif
