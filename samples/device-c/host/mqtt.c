/* The device on a host, on a broker: device-c-mqtt <claim file> <state file> [host[:port]]. board.c says what it understands
   on its standard input. libmosquitto carries the bytes; on a chip it is whatever MQTT client the chip has. Everything runs
   in one thread, as on a chip: the library is asked for what came, then the device is given its turn. */
#define _DEFAULT_SOURCE
#include "board.h"
#include "fl_bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is used of <mosquitto.h>, so that the library alone is enough. */
struct mosquitto;
struct mosquitto_message { int mid; char *topic; void *payload; int payloadlen; int qos; bool retain; };
int mosquitto_lib_init(void);
struct mosquitto *mosquitto_new(const char *id, bool clean_session, void *obj);
int mosquitto_username_pw_set(struct mosquitto *m, const char *user, const char *password);
int mosquitto_will_set(struct mosquitto *m, const char *topic, int n, const void *payload, int qos, bool retain);
int mosquitto_connect(struct mosquitto *m, const char *host, int port, int keepalive);
int mosquitto_subscribe(struct mosquitto *m, int *mid, const char *filter, int qos);
int mosquitto_publish(struct mosquitto *m, int *mid, const char *topic, int n, const void *payload, int qos, bool retain);
int mosquitto_loop(struct mosquitto *m, int timeout, int max_packets);
void mosquitto_connect_callback_set(struct mosquitto *m, void (*f)(struct mosquitto *, void *, int));
void mosquitto_subscribe_callback_set(struct mosquitto *m, void (*f)(struct mosquitto *, void *, int, int, const int *));
void mosquitto_message_callback_set(struct mosquitto *m, void (*f)(struct mosquitto *, void *, const struct mosquitto_message *));

static struct fl_device device;
static struct mosquitto *client;
static int granted;
static bool up;

static void topic_of(enum fl_topic topic, char out[48])
{
    snprintf(out, 48, "fl/1/%s/%s", device.who.id, fl_topic_name(topic));
}

static bool publish(void *owner, enum fl_topic topic, const char *message, size_t n)
{
    char text[48];
    (void)owner;
    topic_of(topic, text);
    return mosquitto_publish(client, NULL, text, (int)n, message, topic == FL_UP_ME ? 0 : 1, topic == FL_UP_STATE) == 0;
}

static void on_connect(struct mosquitto *m, void *owner, int code)
{
    char filter[48];
    (void)owner;
    granted = 0;
    if (code != 0)
        return;
    snprintf(filter, sizeof filter, "fl/1/%s/dn/#", device.who.id);
    mosquitto_subscribe(m, NULL, filter, 1);
    mosquitto_subscribe(m, NULL, "fl/1/gw/state", 1);
}

static void on_subscribe(struct mosquitto *m, void *owner, int mid, int n, const int *qos)
{
    (void)m; (void)owner; (void)mid; (void)n; (void)qos;
    if (++granted == 2)
        fl_connected(&device);
}

static void on_message(struct mosquitto *m, void *owner, const struct mosquitto_message *message)
{
    char id[25];
    (void)m; (void)owner;
    enum fl_topic topic = fl_topic_parse(message->topic, strlen(message->topic), id);
    if (message->payloadlen < 0)
        return;
    if (topic == FL_GW_STATE)
        fl_gateway(&device, message->payload, (size_t)message->payloadlen);
    else if (topic != FL_NO_TOPIC && strcmp(id, device.who.id) == 0)
        fl_message(&device, topic, message->payload, (size_t)message->payloadlen, message->retain);
}

/* Signs in with a fresh will. */
static bool sign_in(const char *host, int port)
{
    char will[FL_MESSAGE_MAX], topic[48], password[44];
    uint8_t key[32];
    size_t n = fl_connecting(&device, will);
    topic_of(FL_UP_STATE, topic);
    fl_derive(device.who.key, "mqtt", device.who.id, key);
    fl_base64(key, sizeof key, password);
    return mosquitto_username_pw_set(client, device.who.id, password) == 0
        && mosquitto_will_set(client, topic, (int)n, will, 1, true) == 0 && mosquitto_connect(client, host, port, 15) == 0;
}

static void button(void) { }

/* On the network a device is never enrolled; here a file stands in for the service connector. */
static bool enrol(const char *path)
{
    static char text[FL_JSON_MAX];
    static struct fl_incoming in;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t n = fread(text, 1, sizeof text, file);
    fclose(file);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (fl_read(FL_NO_TOPIC, text, n, &in) != FL_FINE)
        return false;
    if (fl_is_held(&device) && strcmp(device.who.id, in.u.claim.dev) == 0 && device.who.kid == in.u.claim.kid
        && fl_same(device.who.key, in.u.claim.k, 32))
        return true;
    return fl_enrol(&device, &in.u.claim);
}

int main(int argc, char **argv)
{
    char host[65] = "localhost";
    int port = 1883;
    uint64_t again = 0, wait = 1000;
    const char *why = argc < 3 ? NULL : host_boot(argv, argv[2]);
    device.board = &host_board;
    device.places = FL_PLACES;
    device.publish = publish;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (why == NULL || !host_store(argv[2])) {
        fprintf(stderr, "device-c-mqtt <claim file> <state file> [host[:port]]\n");
        return 2;
    }
    fl_start(&device, why);
    if (!enrol(argv[1])) {
        fprintf(stderr, "%s is no claim\n", argv[1]);
        return 2;
    }
    if (device.who.host[0] != 0)
        memcpy(host, device.who.host, sizeof host);
    if (device.who.port != 0)
        port = device.who.port;
    if (argc > 3) {
        const char *colon = strchr(argv[3], ':');
        snprintf(host, sizeof host, "%.*s", colon ? (int)(colon - argv[3]) : (int)strlen(argv[3]), argv[3]);
        port = colon ? atoi(colon + 1) : port;
    }
    mosquitto_lib_init();
    client = mosquitto_new(device.who.id, true, NULL);
    if (client == NULL)
        return 2;
    mosquitto_connect_callback_set(client, on_connect);
    mosquitto_subscribe_callback_set(client, on_subscribe);
    mosquitto_message_callback_set(client, on_message);
    host_device(&device, button);
    srand((unsigned)getpid());
    for (;;) {
        if (up && mosquitto_loop(client, 20, 1) != 0) {
            up = false;
            fl_dropped(&device);
            again = hal_now() + wait + wait * (uint64_t)(rand() % 50) / 100;
        } else if (!up && hal_now() >= again) {
            up = sign_in(host, port);
            if (!up) {
                wait = wait < 30000 ? wait * 2 : 60000;
                again = hal_now() + wait + wait * (uint64_t)(rand() % 50) / 100;
            }
        }
        if (device.connected)
            wait = 1000;
        host_input(up ? 0 : 20);
        fl_poll(&device);
    }
}
