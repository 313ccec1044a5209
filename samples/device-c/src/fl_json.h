/* A reader of JSON that copies nothing and needs no memory, and a writer into a buffer.
   A value is a piece of the text; the text is checked once as a whole (form, UTF-8, depth, no name twice). */
#ifndef FL_JSON_H
#define FL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_value {
    const char *at;
    const char *end;
};

/* False when it is not one object of the contract's form. */
bool fl_json_check(const char *text, size_t n, struct fl_value *object);

/* The member of an object; false when it is not there or null. */
bool fl_json_member(struct fl_value object, const char *name, struct fl_value *value);

/* Walks an array: begin with *cursor = NULL. */
bool fl_json_item(struct fl_value array, const char **cursor, struct fl_value *value);

bool fl_json_is_text(struct fl_value v);
bool fl_json_is_array(struct fl_value v);
bool fl_json_is_object(struct fl_value v);
bool fl_json_is_flag(struct fl_value v);
bool fl_json_flag(struct fl_value v);
/* A whole number without fraction or exponent; *fits is false when it is too large for 63 bits. */
bool fl_json_integer(struct fl_value v, int64_t *number, bool *fits);
/* Unescaped into UTF-8 with a closing zero. Returns the length, or -1 when it is longer than cap - 1. */
int fl_json_text(struct fl_value v, char *out, size_t cap);

/* The writer never writes beyond its buffer; full says that something did not fit. */
struct fl_writer {
    char *out;
    size_t cap;
    size_t len;
    bool full;
    bool comma;
};

void fl_put_begin(struct fl_writer *w, char *out, size_t cap);
void fl_put_raw(struct fl_writer *w, const char *text);
void fl_put_name(struct fl_writer *w, const char *name);
void fl_put_text(struct fl_writer *w, const char *name, const char *text);
void fl_put_number(struct fl_writer *w, const char *name, uint64_t number);
void fl_put_flag(struct fl_writer *w, const char *name, bool flag);
void fl_put_open(struct fl_writer *w, const char *name, char bracket);
void fl_put_close(struct fl_writer *w, char bracket);

#endif
