#include "fl_bytes.h"

#include <string.h>

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t ror(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

static void sha_block(struct fl_sha256 *s, const uint8_t *p)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + (ror(a, 7) ^ ror(a, 18) ^ (a >> 3)) + (ror(b, 17) ^ ror(b, 19) ^ (b >> 10));
    }
    memcpy(v, s->h, sizeof v);
    for (int i = 0; i < 64; i++) {
        uint32_t e = v[4], a = v[0];
        uint32_t t1 = v[7] + (ror(e, 6) ^ ror(e, 11) ^ ror(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + K[i] + w[i];
        uint32_t t2 = (ror(a, 2) ^ ror(a, 13) ^ ror(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[0] = t1 + t2;
        v[4] += t1;
    }
    for (int i = 0; i < 8; i++)
        s->h[i] += v[i];
}

void fl_sha256_begin(struct fl_sha256 *s)
{
    static const uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    memcpy(s->h, h, sizeof h);
    s->bytes = 0;
}

void fl_sha256_add(struct fl_sha256 *s, const void *data, size_t n)
{
    const uint8_t *p = data;
    while (n > 0) {
        size_t at = (size_t)(s->bytes % 64), take = 64 - at < n ? 64 - at : n;
        memcpy(s->block + at, p, take);
        s->bytes += take;
        p += take;
        n -= take;
        if (at + take == 64)
            sha_block(s, s->block);
    }
}

void fl_sha256_end(struct fl_sha256 *s, uint8_t out[32])
{
    static const uint8_t pad[64] = { 0x80 };
    uint64_t bits = s->bytes * 8;
    uint8_t tail[8];
    fl_sha256_add(s, pad, 1 + (size_t)((119 - s->bytes % 64) % 64));
    for (int i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    fl_sha256_add(s, tail, 8);
    for (int i = 0; i < 32; i++)
        out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void fl_hmac_begin(struct fl_hmac *m, const void *key, size_t n)
{
    uint8_t pad[64];
    memset(m->key, 0, sizeof m->key);
    if (n > 64) {
        fl_sha256_begin(&m->inner);
        fl_sha256_add(&m->inner, key, n);
        fl_sha256_end(&m->inner, m->key);
    } else if (n > 0) {
        memcpy(m->key, key, n);
    }
    for (int i = 0; i < 64; i++)
        pad[i] = m->key[i] ^ 0x36;
    fl_sha256_begin(&m->inner);
    fl_sha256_add(&m->inner, pad, 64);
}

void fl_hmac_add(struct fl_hmac *m, const void *data, size_t n) { fl_sha256_add(&m->inner, data, n); }

void fl_hmac_end(struct fl_hmac *m, uint8_t out[32])
{
    uint8_t pad[64];
    fl_sha256_end(&m->inner, out);
    for (int i = 0; i < 64; i++)
        pad[i] = m->key[i] ^ 0x5c;
    fl_sha256_begin(&m->inner);
    fl_sha256_add(&m->inner, pad, 64);
    fl_sha256_add(&m->inner, out, 32);
    fl_sha256_end(&m->inner, out);
}

void fl_derive(const uint8_t key[32], const char *label, const char *device, uint8_t out[32])
{
    /* One block of HKDF-Expand is the 32 bytes wanted: T(1) = HMAC(PRK, info 01). */
    struct fl_hmac m;
    uint8_t prk[32];
    static const uint8_t one = 1;
    fl_hmac_begin(&m, "fablab/1", 8);
    fl_hmac_add(&m, key, 32);
    fl_hmac_end(&m, prk);
    fl_hmac_begin(&m, prk, 32);
    fl_hmac_add(&m, label, strlen(label));
    fl_hmac_add(&m, ":", 1);
    fl_hmac_add(&m, device, strlen(device));
    fl_hmac_add(&m, &one, 1);
    fl_hmac_end(&m, out);
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

size_t fl_base64(const uint8_t *data, size_t n, char *out)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)data[i] << 16;
        if (i + 1 < n)
            v |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < n)
            v |= data[i + 2];
        out[len++] = alphabet[v >> 18];
        out[len++] = alphabet[v >> 12 & 63];
        if (i + 1 < n)
            out[len++] = alphabet[v >> 6 & 63];
        if (i + 2 < n)
            out[len++] = alphabet[v & 63];
    }
    out[len] = 0;
    return len;
}

int fl_unbase64(const char *text, size_t n, uint8_t *out, size_t cap)
{
    uint32_t v = 0;
    int bits = 0;
    size_t len = 0;
    if (n % 4 == 1)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const char *at = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (at == NULL)
            return -1;
        v = v << 6 | (uint32_t)(at - alphabet);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            if (len == cap)
                return -1;
            out[len++] = (uint8_t)(v >> bits);
        }
        v &= (1u << bits) - 1;
    }
    return v == 0 ? (int)len : -1;
}

bool fl_same(const void *a, const void *b, size_t n)
{
    const volatile uint8_t *x = a, *y = b;
    uint8_t differ = 0;
    for (size_t i = 0; i < n; i++)
        differ |= x[i] ^ y[i];
    return differ == 0;
}

uint16_t fl_crc16(uint16_t start, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint16_t crc = start;
    while (n-- > 0) {
        crc = (uint16_t)(crc ^ (uint16_t)(*p++ << 8));
        for (int i = 0; i < 8; i++)
            crc = (uint16_t)(crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
    return crc;
}

size_t fl_cobs(const uint8_t *in, size_t n, uint8_t *out)
{
    size_t code = 0, len = 1;
    for (size_t i = 0; i < n; i++) {
        if (in[i] != 0)
            out[len++] = in[i];
        /* A full piece closes itself; when it is the last there is nothing to open behind it. */
        if (in[i] == 0 || (len - code == 255 && i + 1 < n)) {
            out[code] = (uint8_t)(len - code);
            code = len++;
        }
    }
    out[code] = (uint8_t)(len - code);
    return len;
}

int fl_uncobs(const uint8_t *in, size_t n, uint8_t *out, size_t cap)
{
    size_t len = 0, at = 0;
    while (at < n) {
        size_t piece = in[at++];
        if (piece == 0 || piece - 1 > n - at || len + piece - 1 > cap)
            return -1;
        for (size_t i = 1; i < piece; i++) {
            if (in[at] == 0)
                return -1;
            out[len++] = in[at++];
        }
        if (piece < 255 && at < n) {
            if (len == cap)
                return -1;
            out[len++] = 0;
        }
    }
    return (int)len;
}
