#ifndef VECTORS_H
#define VECTORS_H

#include "dom.h"
#include "fl_serial.h"

void check(const struct dom *vector, bool ok, const char *what);
enum fl_topic topic_named(const char *name);
/* Returns how many were run. */
int scenarios(struct dom *all, bool lines);

#endif
