/* Topics, tags and the envelope. */
#include "fl_bytes.h"
#include "fl_message.h"

#include <string.h>

static const char *const topics[] = { "up/state", "up/ev", "up/me", "up/res", "dn/cmd", "dn/ack", "dn/list" };

const char *fl_topic_name(enum fl_topic topic) { return topic < FL_GW_STATE ? topics[topic] : "fl/1/gw/state"; }

const char *fl_fault_name(enum fl_fault fault)
{
    static const char *const names[] = {
        "", "TooLong", "BadTrailer", "UnknownKey", "BadCode", "OtherBoot", "OldCounter", "NotJson", "UnknownMessage",
        "Missing", "WrongType", "OutOfRange", "Contradiction", "Retained", "UnknownTopic", "BadFrame", "BadCrc",
    };
    return names[fault];
}

bool fl_is_device_id(const char *text)
{
    size_t n = strlen(text);
    if (n < 3 || n > 24 || text[0] == '-' || text[n - 1] == '-')
        return false;
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

enum fl_topic fl_topic_parse(const char *text, size_t n, char *device)
{
    char id[25];
    const char *slash;
    if (n == 13 && memcmp(text, "fl/1/gw/state", 13) == 0) {
        if (device != NULL)
            device[0] = 0;
        return FL_GW_STATE;
    }
    if (n < 6 || memcmp(text, "fl/1/", 5) != 0 || (slash = memchr(text + 5, '/', n - 5)) == NULL)
        return FL_NO_TOPIC;
    size_t len = (size_t)(slash - text - 5), rest = n - len - 6;
    if (len > 24)
        return FL_NO_TOPIC;
    memcpy(id, text + 5, len);
    id[len] = 0;
    if (!fl_is_device_id(id))
        return FL_NO_TOPIC;
    for (int i = 0; i < FL_GW_STATE; i++) {
        if (strlen(topics[i]) == rest && memcmp(topics[i], slash + 1, rest) == 0) {
            if (device != NULL)
                memcpy(device, id, len + 1);
            return (enum fl_topic)i;
        }
    }
    return FL_NO_TOPIC;
}

bool fl_is_tag(const char *text)
{
    static const struct { const char *family; const char *digits; } families[] = {
        { "em:", "\6\10\12" }, { "iso:", "\10\16\24" }, { "w:", "\6\10" },
    };
    for (size_t i = 0; i < 3; i++) {
        size_t head = strlen(families[i].family);
        if (strncmp(text, families[i].family, head) != 0)
            continue;
        text += head;
        size_t n = strlen(text);
        if (n > 24 || n == 0 || strchr(families[i].digits, (int)n) == NULL || strspn(text, "0123456789ABCDEF") != n)
            return false;
        return strspn(text, "0") != n && strspn(text, "F") != n;
    }
    return false;
}

bool fl_tag_spelling(const char *tag, int which, char out[25])
{
    const char *digits = strchr(tag, ':');
    size_t n = digits == NULL ? 0 : strlen(digits + 1), want = which == 1 ? 8 : 6;
    if (which == 0) {
        memcpy(out, tag, strlen(tag) + 1);
        return true;
    }
    if (n < want)
        return false;
    memcpy(out, which == 1 ? "*4:" : "*3:", 3);
    memcpy(out + 3, digits + 1 + n - want, want + 1);
    return true;
}

static void hexes(char *out, uint32_t v, int digits)
{
    for (int i = 0; i < digits; i++)
        out[i] = "0123456789abcdef"[v >> (4 * (digits - 1 - i)) & 15];
}

static bool unhex(const char *text, int digits, uint32_t *v)
{
    *v = 0;
    for (int i = 0; i < digits; i++) {
        char c = text[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        *v = *v << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

static void code_of(const uint8_t key[32], const char *device, enum fl_topic topic, const char *counter,
                    const char *json, size_t n, char out[23])
{
    struct fl_hmac m;
    uint8_t mac[32];
    fl_hmac_begin(&m, key, 32);
    fl_hmac_add(&m, topic >= FL_DN_CMD ? "fl1dfl/1/" : "fl1ufl/1/", 9);
    fl_hmac_add(&m, device, strlen(device));
    fl_hmac_add(&m, "/", 1);
    fl_hmac_add(&m, topics[topic], strlen(topics[topic]) + 1); /* with its 00 */
    fl_hmac_add(&m, counter, 16);
    fl_hmac_add(&m, "", 1);
    fl_hmac_add(&m, json, n);
    fl_hmac_end(&m, mac);
    fl_base64(mac, 16, out);
}

size_t fl_seal(const uint8_t key[32], uint8_t kid, const char *device, enum fl_topic topic, struct fl_counter counter,
               char *message, size_t n)
{
    char *t = message + n, code[23];
    t[0] = '\n';
    hexes(t + 1, kid, 2);
    t[3] = '.';
    hexes(t + 4, counter.boot, 8);
    hexes(t + 12, counter.count, 8);
    t[20] = '.';
    code_of(key, device, topic, t + 4, message, n, code);
    memcpy(t + 21, code, 22);
    return n + FL_TRAILER;
}

enum fl_fault fl_open(const uint8_t key[32], uint8_t kid, const char *device, enum fl_topic topic, const char *message,
                      size_t n, struct fl_counter *counter)
{
    char code[23];
    uint32_t number;
    if (n > FL_MESSAGE_MAX)
        return FL_TOO_LONG;
    if (n <= FL_TRAILER)
        return FL_BAD_TRAILER;
    const char *t = message + n - FL_TRAILER;
    if (t[0] != '\n' || t[3] != '.' || t[20] != '.' || !unhex(t + 1, 2, &number) || !unhex(t + 4, 8, &counter->boot)
        || !unhex(t + 12, 8, &counter->count))
        return FL_BAD_TRAILER;
    for (int i = 21; i < FL_TRAILER; i++)
        if (t[i] == 0 || strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", t[i]) == NULL)
            return FL_BAD_TRAILER;
    if (number != kid)
        return FL_UNKNOWN_KEY;
    code_of(key, device, topic, t + 4, message, n - FL_TRAILER, code);
    return fl_same(code, t + 21, 22) ? FL_FINE : FL_BAD_CODE;
}
