/* A whole JSON file as a tree, for the test programs only: it takes memory as it likes. */
#ifndef DOM_H
#define DOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dom_type { DOM_NULL, DOM_FLAG, DOM_NUMBER, DOM_TEXT, DOM_ARRAY, DOM_OBJECT };

struct dom {
    enum dom_type type;
    bool flag;
    int64_t number;
    char *text; /* also of a name; with a closing zero */
    size_t n;
    char *name;
    const char *from, *to; /* as it stands in the file */
    struct dom *first, *next;
};

/* Ends the program when the file is not there or is no JSON. Nothing is freed before the end. */
struct dom *dom_file(const char *folder, const char *name);
struct dom *dom_parse(const char *text, size_t n);
struct dom *dom_get(const struct dom *object, const char *name);
const char *dom_text(const struct dom *object, const char *name, const char *otherwise);
int64_t dom_number(const struct dom *object, const char *name, int64_t otherwise);
bool dom_flag(const struct dom *object, const char *name);
size_t dom_hex(const char *text, uint8_t *out, size_t cap);
/* Whether found has at least what wanted lists; null means absent. */
bool dom_matches(const struct dom *wanted, const struct dom *found);

#endif
