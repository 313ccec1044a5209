#include "fl_json.h"

#include <string.h>

#define DEPTH 4

static const char *space(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex4(const char *p, const char *end, uint32_t *out)
{
    uint32_t v = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        int d = hex(p[i]);
        if (d < 0)
            return false;
        v = v << 4 | (uint32_t)d;
    }
    *out = v;
    return true;
}

/* One character inside quotes; NULL when it is not well formed. */
static const char *character(const char *p, const char *end, uint32_t *code)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint8_t c = (uint8_t)*p++;
    if (c < 0x20)
        return NULL;
    if (c == '\\') {
        const char *found;
        uint32_t low;
        if (p == end)
            return NULL;
        if (*p == 'u') {
            if (!hex4(p + 1, end, code))
                return NULL;
            p += 5;
            if (*code >= 0xdc00 && *code < 0xe000)
                return NULL;
            if (*code < 0xd800 || *code >= 0xdc00)
                return p;
            if (end - p < 6 || p[0] != '\\' || p[1] != 'u' || !hex4(p + 2, end, &low) || low < 0xdc00 || low >= 0xe000)
                return NULL;
            *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
            return p + 6;
        }
        found = *p ? strchr(from, *p) : NULL;
        if (found == NULL)
            return NULL;
        *code = (uint8_t)to[found - from];
        return p + 1;
    }
    if (c < 0x80) {
        *code = c;
        return p;
    }
    int more = c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 && c < 0xf0 ? 2 : c >= 0xc2 && c < 0xe0 ? 1 : 0;
    if (more == 0 || end - p < more)
        return NULL;
    uint32_t v = c & (0x3fu >> more);
    for (int i = 0; i < more; i++, p++) {
        if (((uint8_t)*p & 0xc0) != 0x80)
            return NULL;
        v = v << 6 | ((uint8_t)*p & 0x3f);
    }
    if ((more == 2 && v < 0x800) || (more == 3 && v < 0x10000) || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
        return NULL;
    *code = v;
    return p;
}

static const char *quoted(const char *p, const char *end)
{
    uint32_t code;
    for (p++; p != NULL && p < end; p = character(p, end, &code))
        if (*p == '"')
            return p + 1;
    return NULL;
}

static const char *number(const char *p, const char *end)
{
    const char *digits;
    if (p < end && *p == '-')
        p++;
    digits = p;
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    if (p == digits || (*digits == '0' && p - digits > 1))
        return NULL;
    if (p < end && *p == '.') {
        digits = ++p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == digits)
            return NULL;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        digits = p;
        while (p < end && *p >= '0' && *p <= '9')
            p++;
        if (p == digits)
            return NULL;
    }
    return p;
}

static bool same_name(const char *a, const char *b, const char *end)
{
    uint32_t x = 0, y = 0;
    a++;
    b++;
    while (*a != '"' && *b != '"') {
        a = character(a, end, &x);
        b = character(b, end, &y);
        if (a == NULL || b == NULL || x != y)
            return false;
    }
    return *a == *b;
}

/* Recursion is bounded by DEPTH. Names are compared only while the text is checked the first time: what was
   checked is walked over again without, or a short text full of names would cost seconds. */
static const char *value(const char *p, const char *end, int depth, bool compare)
{
    p = space(p, end);
    if (p == end)
        return NULL;
    if (*p == '"')
        return quoted(p, end);
    if (*p == '{' || *p == '[') {
        bool object = *p == '{';
        char close = object ? '}' : ']';
        const char *first = space(p + 1, end), *at = first;
        if (depth == 0)
            return NULL;
        if (at < end && *at == close)
            return at + 1;
        for (;;) {
            if (object) {
                const char *name = at;
                if (at == end || *at != '"' || (at = quoted(at, end)) == NULL)
                    return NULL;
                for (const char *other = first; compare && other < name;) {
                    if (same_name(other, name, end))
                        return NULL;
                    other = space(quoted(other, end), end);
                    other = space(value(other + 1, end, depth - 1, false), end);
                    other = space(other + 1, end);
                }
                at = space(at, end);
                if (at == end || *at++ != ':')
                    return NULL;
            }
            if ((at = value(at, end, depth - 1, compare)) == NULL)
                return NULL;
            at = space(at, end);
            if (at == end)
                return NULL;
            if (*at == close)
                return at + 1;
            if (*at++ != ',')
                return NULL;
            at = space(at, end);
        }
    }
    for (int i = 0; i < 3; i++) {
        static const char *const words[] = { "true", "false", "null" };
        size_t n = strlen(words[i]);
        if ((size_t)(end - p) >= n && memcmp(p, words[i], n) == 0)
            return p + n;
    }
    return number(p, end);
}

bool fl_json_check(const char *text, size_t n, struct fl_value *object)
{
    const char *end = text + n, *p = space(text, end), *last;
    if (p == end || *p != '{' || (last = value(p, end, DEPTH, true)) == NULL || space(last, end) != end)
        return false;
    object->at = p;
    object->end = last;
    return true;
}

bool fl_json_member(struct fl_value object, const char *name, struct fl_value *found)
{
    const char *p = space(object.at + 1, object.end);
    while (p < object.end && *p == '"') {
        const char *c = p + 1, *want = name;
        uint32_t code = 0;
        while (*c != '"' && *want != 0 && (c = character(c, object.end, &code)) != NULL && code == (uint8_t)*want)
            want++;
        bool same = c != NULL && *c == '"' && *want == 0;
        p = space(quoted(p, object.end), object.end) + 1;
        found->at = space(p, object.end);
        found->end = value(found->at, object.end, DEPTH, false);
        if (same)
            return *found->at != 'n';
        p = space(space(found->end, object.end) + 1, object.end);
    }
    return false;
}

bool fl_json_item(struct fl_value array, const char **cursor, struct fl_value *item)
{
    const char *p = space(*cursor == NULL ? array.at + 1 : *cursor, array.end);
    if (p >= array.end || *p == ']')
        return false;
    if (*p == ',')
        p = space(p + 1, array.end);
    item->at = p;
    item->end = value(p, array.end, DEPTH, false);
    *cursor = item->end;
    return true;
}

bool fl_json_is_text(struct fl_value v) { return *v.at == '"'; }
bool fl_json_is_array(struct fl_value v) { return *v.at == '['; }
bool fl_json_is_object(struct fl_value v) { return *v.at == '{'; }
bool fl_json_is_flag(struct fl_value v) { return *v.at == 't' || *v.at == 'f'; }
bool fl_json_flag(struct fl_value v) { return *v.at == 't'; }

bool fl_json_integer(struct fl_value v, int64_t *out, bool *fits)
{
    const char *p = v.at;
    bool negative = *p == '-';
    int64_t n = 0;
    *fits = true;
    if (negative)
        p++;
    if (p == v.end || *p < '0' || *p > '9')
        return false;
    for (; p < v.end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        if (n > (INT64_MAX - 9) / 10)
            *fits = false;
        else
            n = n * 10 + (*p - '0');
    }
    *out = negative ? -n : n;
    return true;
}

int fl_json_text(struct fl_value v, char *out, size_t cap)
{
    size_t len = 0;
    for (const char *p = v.at + 1; *p != '"';) {
        uint32_t c = 0;
        uint8_t bytes[4];
        size_t n;
        p = character(p, v.end, &c);
        if (p == NULL)
            return -1;
        if (c < 0x80) {
            n = 1;
            bytes[0] = (uint8_t)c;
        } else if (c < 0x800) {
            n = 2;
            bytes[0] = (uint8_t)(0xc0 | c >> 6);
        } else if (c < 0x10000) {
            n = 3;
            bytes[0] = (uint8_t)(0xe0 | c >> 12);
        } else {
            n = 4;
            bytes[0] = (uint8_t)(0xf0 | c >> 18);
        }
        for (size_t i = 1; i < n; i++)
            bytes[i] = (uint8_t)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
        if (len + n >= cap)
            return -1;
        memcpy(out + len, bytes, n);
        len += n;
    }
    out[len] = 0;
    return (int)len;
}

void fl_put_begin(struct fl_writer *w, char *out, size_t cap)
{
    w->out = out;
    w->cap = cap;
    w->len = 0;
    w->full = false;
    w->comma = false;
}

static void put(struct fl_writer *w, char c)
{
    if (w->len < w->cap)
        w->out[w->len++] = c;
    else
        w->full = true;
}

void fl_put_raw(struct fl_writer *w, const char *text)
{
    while (*text)
        put(w, *text++);
}

static void string(struct fl_writer *w, const char *text)
{
    put(w, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            put(w, '\\');
        put(w, *text);
    }
    put(w, '"');
}

void fl_put_name(struct fl_writer *w, const char *name)
{
    if (w->comma)
        put(w, ',');
    w->comma = true;
    if (name != NULL) {
        string(w, name);
        put(w, ':');
    }
}

void fl_put_text(struct fl_writer *w, const char *name, const char *text)
{
    fl_put_name(w, name);
    string(w, text);
}

void fl_put_number(struct fl_writer *w, const char *name, uint64_t number)
{
    char digits[21];
    int at = 20;
    fl_put_name(w, name);
    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    fl_put_raw(w, digits + at);
}

void fl_put_flag(struct fl_writer *w, const char *name, bool flag)
{
    fl_put_name(w, name);
    fl_put_raw(w, flag ? "true" : "false");
}

void fl_put_open(struct fl_writer *w, const char *name, char bracket)
{
    fl_put_name(w, name);
    put(w, bracket);
    w->comma = false;
}

void fl_put_close(struct fl_writer *w, char bracket)
{
    put(w, bracket);
    w->comma = true;
}
