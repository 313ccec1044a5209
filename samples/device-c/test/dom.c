#include "dom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Arena: trees of the file live to the end, those of outputs are small. */
static void *take(size_t n)
{
    void *p = calloc(1, n);
    if (p == NULL)
        exit(2);
    return p;
}

struct cursor { const char *p, *end; bool bad; };

static void space(struct cursor *c)
{
    while (c->p < c->end && strchr(" \t\r\n", *c->p) != NULL)
        c->p++;
}

static char *quoted(struct cursor *c, size_t *len)
{
    const char *start = ++c->p;
    while (c->p < c->end && *c->p != '"')
        c->p += *c->p == '\\' ? 2 : 1;
    char *out = take((size_t)(c->p - start) * 3 + 1);
    size_t n = 0;
    for (const char *p = start; p < c->p; p++) {
        if (*p != '\\') {
            out[n++] = *p;
            continue;
        }
        p++;
        if (*p == 'u') {
            char digits[5] = { p[1], p[2], p[3], p[4], 0 };
            unsigned v = (unsigned)strtoul(digits, NULL, 16);
            p += 4;
            if (v >= 0x800) {
                out[n++] = (char)(0xe0 | v >> 12);
                out[n++] = (char)(0x80 | (v >> 6 & 63));
                out[n++] = (char)(0x80 | (v & 63));
            } else if (v >= 0x80) {
                out[n++] = (char)(0xc0 | v >> 6);
                out[n++] = (char)(0x80 | (v & 63));
            } else {
                out[n++] = (char)v;
            }
        } else {
            const char *at = strchr("b\bf\fn\nr\rt\t", *p);
            out[n++] = at != NULL ? at[1] : *p;
        }
    }
    c->p++;
    *len = n;
    return out;
}

static struct dom *value(struct cursor *c)
{
    struct dom *d = take(sizeof *d);
    space(c);
    d->from = c->p;
    if (c->p >= c->end) {
        c->bad = true;
    } else if (*c->p == '"') {
        d->type = DOM_TEXT;
        d->text = quoted(c, &d->n);
    } else if (*c->p == '{' || *c->p == '[') {
        struct dom **last = &d->first;
        d->type = *c->p == '{' ? DOM_OBJECT : DOM_ARRAY;
        c->p++;
        for (space(c); !c->bad && c->p < c->end && *c->p != '}' && *c->p != ']'; space(c)) {
            char *name = NULL;
            size_t n;
            if (*c->p == ',') {
                c->p++;
                space(c);
            }
            if (d->type == DOM_OBJECT) {
                if (*c->p != '"') {
                    c->bad = true;
                    break;
                }
                name = quoted(c, &n);
                space(c);
                c->p++;
            }
            *last = value(c);
            (*last)->name = name;
            last = &(*last)->next;
        }
        c->p++;
    } else if (strchr("tfn", *c->p) != NULL) {
        d->type = *c->p == 'n' ? DOM_NULL : DOM_FLAG;
        d->flag = *c->p == 't';
        c->p += *c->p == 'f' ? 5 : 4;
    } else {
        char *end;
        d->type = DOM_NUMBER;
        d->number = strtoll(c->p, &end, 10);
        c->bad = c->bad || end == c->p;
        c->p = end;
    }
    d->to = c->p;
    return d;
}

struct dom *dom_parse(const char *text, size_t n)
{
    struct cursor c = { text, text + n, false };
    struct dom *d = value(&c);
    return c.bad ? NULL : d;
}

struct dom *dom_file(const char *folder, const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "no %s\n", path);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    size_t n = (size_t)ftell(f);
    rewind(f);
    char *text = take(n + 1);
    if (fread(text, 1, n, f) != n)
        exit(2);
    fclose(f);
    struct dom *d = dom_parse(text, n);
    if (d == NULL || d->type != DOM_ARRAY) {
        fprintf(stderr, "%s is no array\n", path);
        exit(2);
    }
    return d;
}

struct dom *dom_get(const struct dom *object, const char *name)
{
    for (struct dom *d = object == NULL ? NULL : object->first; d != NULL; d = d->next)
        if (d->name != NULL && strcmp(d->name, name) == 0)
            return d;
    return NULL;
}

const char *dom_text(const struct dom *object, const char *name, const char *otherwise)
{
    struct dom *d = dom_get(object, name);
    return d == NULL || d->type != DOM_TEXT ? otherwise : d->text;
}

int64_t dom_number(const struct dom *object, const char *name, int64_t otherwise)
{
    struct dom *d = dom_get(object, name);
    return d == NULL || d->type != DOM_NUMBER ? otherwise : d->number;
}

bool dom_flag(const struct dom *object, const char *name)
{
    struct dom *d = dom_get(object, name);
    return d != NULL && d->flag;
}

size_t dom_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;
    for (; text[0] && text[1] && n < cap; text += 2) {
        char two[3] = { text[0], text[1], 0 };
        out[n++] = (uint8_t)strtoul(two, NULL, 16);
    }
    return n;
}

bool dom_matches(const struct dom *wanted, const struct dom *found)
{
    if (wanted->type == DOM_NULL)
        return found == NULL || found->type == DOM_NULL;
    if (found == NULL || wanted->type != found->type)
        return false;
    switch (wanted->type) {
    case DOM_FLAG: return wanted->flag == found->flag;
    case DOM_NUMBER: return wanted->number == found->number;
    case DOM_TEXT: return strcmp(wanted->text, found->text) == 0;
    case DOM_OBJECT:
        for (struct dom *w = wanted->first; w != NULL; w = w->next)
            if (!dom_matches(w, dom_get(found, w->name)))
                return false;
        return true;
    default: {
        struct dom *w = wanted->first, *f = found->first;
        for (; w != NULL && f != NULL; w = w->next, f = f->next)
            if (!dom_matches(w, f))
                return false;
        return w == f;
    }
    }
}
