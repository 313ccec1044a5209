/* Small things every part needs: hashes, base64url, CRC-16, COBS. No state, no memory of their own. */
#ifndef FL_BYTES_H
#define FL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_sha256 {
    uint32_t h[8];
    uint64_t bytes;
    uint8_t block[64];
};

struct fl_hmac {
    struct fl_sha256 inner;
    uint8_t key[64];
};

void fl_sha256_begin(struct fl_sha256 *s);
void fl_sha256_add(struct fl_sha256 *s, const void *data, size_t n);
void fl_sha256_end(struct fl_sha256 *s, uint8_t out[32]);

void fl_hmac_begin(struct fl_hmac *m, const void *key, size_t n);
void fl_hmac_add(struct fl_hmac *m, const void *data, size_t n);
void fl_hmac_end(struct fl_hmac *m, uint8_t out[32]);

/* HKDF-SHA256 with the salt of the contract and 32 bytes of output; info is "label:device". */
void fl_derive(const uint8_t key[32], const char *label, const char *device, uint8_t out[32]);

/* Writes (4n+2)/3 characters and a closing zero; returns the number of characters. */
size_t fl_base64(const uint8_t *data, size_t n, char *out);
/* Returns the number of bytes, or -1: wrong character, wrong length, bits left over, more than cap. */
int fl_unbase64(const char *text, size_t n, uint8_t *out, size_t cap);

/* Compares in a time that does not depend on the contents. */
bool fl_same(const void *a, const void *b, size_t n);

uint16_t fl_crc16(uint16_t start, const void *data, size_t n);

/* COBS without the closing zero. Decoding returns -1 for bytes that are no code, or more than cap. */
size_t fl_cobs(const uint8_t *in, size_t n, uint8_t *out);
int fl_uncobs(const uint8_t *in, size_t n, uint8_t *out, size_t cap);

#endif
