#include "fl_serial.h"

#include "fl_bytes.h"

#include <string.h>

#define BUTTON_MS 60000

static void hello(struct fl_serial *s)
{
    const char *name = fl_is_held(&s->device) ? s->device.who.id : "?";
    fl_line_send(&s->line, FL_T_HELLO, (const uint8_t *)name, strlen(name), hal_now());
}

static bool publish(void *owner, enum fl_topic topic, const char *message, size_t n)
{
    struct fl_serial *s = owner;
    static const uint8_t types[] = { FL_T_STATE, FL_T_EV, FL_T_ME, FL_T_RES };
    /* A record waits in the journal as well as here: half of the queue is kept for answers. */
    if (topic == FL_UP_EV && fl_line_room(&s->line) < FL_QUEUE_BYTES / 2)
        return false;
    if (fl_line_send(&s->line, types[topic], (const uint8_t *)message, n, hal_now()))
        return true;
    hal_log("full", fl_topic_name(topic));
    return false;
}

static void claim(struct fl_serial *s, const uint8_t *json, size_t n)
{
    struct fl_device *d = &s->device;
    char proof[23], out[FL_JSON_MAX];
    const char *code = "ok";
    uint64_t now = hal_now();
    struct fl_claim c;
    if (fl_read(FL_NO_TOPIC, (const char *)json, n, &d->in) != FL_FINE) {
        code = "bad";
    } else if (fl_is_held(d) && !(s->button && now - s->button_at <= BUTTON_MS)) {
        code = "held";
    } else {
        c = d->in.u.claim;
        if (!fl_enrol(d, &c))
            code = "bad";
        else
            fl_proof(d, proof);
    }
    bool ok = code[0] == 'o';
    size_t len = fl_write_claimed(code, d->board, ok ? proof : NULL, out, sizeof out);
    fl_line_send(&s->line, FL_T_CLAIMED, (const uint8_t *)out, len, now);
    if (ok) {
        s->button = false;
        hello(s);
    }
}

static void arrived(void *owner, uint8_t type, const uint8_t *payload, size_t n)
{
    struct fl_serial *s = owner;
    switch (type) {
    case FL_T_HELLO:
        /* The gateway begins again, so nothing that waits here has a reader any more. */
        if (s->line.under_way && s->line.queue[0] == FL_T_HELLO)
            break;
        fl_dropped(&s->device);
        fl_line_forget(&s->line);
        hello(s);
        break;
    case FL_T_CMD: fl_message(&s->device, FL_DN_CMD, (const char *)payload, n, false); break;
    case FL_T_DN_ACK: fl_message(&s->device, FL_DN_ACK, (const char *)payload, n, false); break;
    case FL_T_LIST: fl_message(&s->device, FL_DN_LIST, (const char *)payload, n, false); break;
    case FL_T_GW: fl_gateway(&s->device, (const char *)payload, n); break;
    case FL_T_CLAIM: claim(s, payload, n); break;
    default: break;
    }
}

static void delivered(void *owner, uint8_t type, uint16_t seq)
{
    struct fl_serial *s = owner;
    (void)seq;
    if (type == FL_T_HELLO && fl_is_held(&s->device)) {
        s->device.bd++;
        fl_connected(&s->device);
    }
    fl_flush(&s->device);
}

static void dead(void *owner)
{
    struct fl_serial *s = owner;
    fl_dropped(&s->device);
    hello(s);
}

static void write(void *owner, const uint8_t *bytes, size_t n)
{
    (void)owner;
    hal_send(bytes, n);
}

static void refused(void *owner, enum fl_fault fault)
{
    (void)owner;
    hal_log("refused", fl_fault_name(fault));
}

void fl_serial_start(struct fl_serial *s, const struct fl_board *board, uint32_t places, const char *why)
{
    memset(s, 0, sizeof *s);
    s->device.board = board;
    s->device.places = places;
    s->device.transport = s;
    s->device.publish = publish;
    s->line.owner = s;
    s->line.write = write;
    s->line.arrived = arrived;
    s->line.delivered = delivered;
    s->line.dead = dead;
    s->line.refused = refused;
    fl_start(&s->device, why);
    fl_line_begin(&s->line);
    hello(s);
}

void fl_serial_button(struct fl_serial *s)
{
    s->button = true;
    s->button_at = hal_now();
}

void fl_serial_poll(struct fl_serial *s)
{
    uint8_t bytes[64];
    size_t n;
    while ((n = hal_receive(bytes, sizeof bytes)) > 0)
        fl_line_take(&s->line, bytes, n, hal_now());
    fl_line_poll(&s->line, hal_now());
    fl_poll(&s->device);
}
