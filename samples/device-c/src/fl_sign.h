/* SHA-512 and the check of Ed25519 signatures (RFC 8032). Nothing here is secret, so nothing takes care of how long it takes. */
#ifndef FL_SIGN_H
#define FL_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fl_sha512 {
    uint64_t h[8];
    uint64_t bytes;
    uint8_t block[128];
};

void fl_sha512_begin(struct fl_sha512 *s);
void fl_sha512_add(struct fl_sha512 *s, const void *data, size_t n);
void fl_sha512_end(struct fl_sha512 *s, uint8_t out[64]);

/* Whether the signature over the bytes is that of the key's owner. */
bool fl_signed(const uint8_t key[32], const uint8_t signature[64], const void *data, size_t n);

#endif
