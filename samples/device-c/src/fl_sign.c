/* Ed25519 after RFC 8032, section 5.1.7, checked only; SHA-512 after FIPS 180-4. Whole numbers below 2^255 are 17 digits of 15 bits:
   a product of two digits and the sum of 17 of them, times 19, fit 64 bits, and 2^255 is 19 in this field. */
#include "fl_device.h"

#if FL_OTA

#include "fl_sign.h"

#include <string.h>

/* ---- SHA-512 ---- */

static const uint64_t round_constant[80] = {
    0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full, 0xe9b5dba58189dbbcull,
    0x3956c25bf348b538ull, 0x59f111f1b605d019ull, 0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull,
    0xd807aa98a3030242ull, 0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
    0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull, 0xc19bf174cf692694ull,
    0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull, 0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull,
    0x2de92c6f592b0275ull, 0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
    0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full, 0xbf597fc7beef0ee4ull,
    0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull, 0x06ca6351e003826full, 0x142929670a0e6e70ull,
    0x27b70a8546d22ffcull, 0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
    0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull, 0x92722c851482353bull,
    0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull, 0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull,
    0xd192e819d6ef5218ull, 0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
    0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull, 0x34b0bcb5e19b48a8ull,
    0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull, 0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull,
    0x748f82ee5defb2fcull, 0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
    0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull, 0xc67178f2e372532bull,
    0xca273eceea26619cull, 0xd186b8c721c0c207ull, 0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull,
    0x06f067aa72176fbaull, 0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
    0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull, 0x431d67c49c100d4cull,
    0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull, 0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull
};

static uint64_t turn(uint64_t x, int n) { return x >> n | x << (64 - n); }

static void sha512_block(struct fl_sha512 *s, const uint8_t *p)
{
    uint64_t w[16], v[8];
    for (int i = 0; i < 16; i++, p += 8)
        w[i] = (uint64_t)p[0] << 56 | (uint64_t)p[1] << 48 | (uint64_t)p[2] << 40 | (uint64_t)p[3] << 32 | (uint64_t)p[4] << 24
             | (uint64_t)p[5] << 16 | (uint64_t)p[6] << 8 | p[7];
    memcpy(v, s->h, sizeof v);
    for (int i = 0; i < 80; i++) {
        if (i >= 16) {
            uint64_t a = w[(i + 1) & 15], b = w[(i + 14) & 15];
            w[i & 15] += (turn(a, 1) ^ turn(a, 8) ^ a >> 7) + w[(i + 9) & 15] + (turn(b, 19) ^ turn(b, 61) ^ b >> 6);
        }
        uint64_t t = v[7] + (turn(v[4], 14) ^ turn(v[4], 18) ^ turn(v[4], 41)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constant[i] + w[i & 15];
        uint64_t u = (turn(v[0], 28) ^ turn(v[0], 34) ^ turn(v[0], 39)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t;
        v[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        s->h[i] += v[i];
}

void fl_sha512_begin(struct fl_sha512 *s)
{
    static const uint64_t start[8] = {
        0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
        0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull,
    };
    memcpy(s->h, start, sizeof start);
    s->bytes = 0;
}

void fl_sha512_add(struct fl_sha512 *s, const void *data, size_t n)
{
    const uint8_t *p = data;
    while (n > 0) {
        size_t at = s->bytes % 128, room = 128 - at, now = n < room ? n : room;
        memcpy(s->block + at, p, now);
        s->bytes += now;
        p += now;
        n -= now;
        if (at + now == 128)
            sha512_block(s, s->block);
    }
}

void fl_sha512_end(struct fl_sha512 *s, uint8_t out[64])
{
    uint64_t bits = s->bytes * 8;
    uint8_t one = 0x80, zero[16] = { 0 }, length[8];
    fl_sha512_add(s, &one, 1);
    while (s->bytes % 128 != 112)
        fl_sha512_add(s, zero, s->bytes % 128 < 112 && 112 - s->bytes % 128 < 16 ? 112 - s->bytes % 128 : 1);
    for (int i = 0; i < 8; i++)
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    fl_sha512_add(s, zero, 8);
    fl_sha512_add(s, length, 8);
    for (int i = 0; i < 64; i++)
        out[i] = (uint8_t)(s->h[i / 8] >> (56 - 8 * (i % 8)));
}

/* ---- Numbers modulo 2^255 - 19 ---- */

#define DIGITS 17
#define DIGIT 0x7fff
typedef uint32_t fe[DIGITS];

static const fe edwards_d = {
    0x78a3, 0x26b2, 0x3728, 0x2f5a, 0x0ab7, 0x283b, 0x1350, 0x3805, 0x1800,
    0x73d1, 0x65dd, 0x3a03, 0x38cc, 0x7fce, 0x0adb, 0x3677, 0x5203,
};
static const fe twice_d = {
    0x7159, 0x4d65, 0x6e50, 0x5eb4, 0x156e, 0x5076, 0x26a0, 0x700a, 0x3000,
    0x67a2, 0x4bbb, 0x7407, 0x7198, 0x7f9c, 0x15b7, 0x6cee, 0x2406,
};
static const fe root_of_minus_one = {
    0x20b0, 0x141d, 0x6c9d, 0x2770, 0x478c, 0x25fc, 0x01ab, 0x218c, 0x272f,
    0x77af, 0x64f7, 0x6804, 0x32b4, 0x3be1, 0x13f0, 0x1240, 0x2b83,
};
static const fe base_x = {
    0x551a, 0x1e4b, 0x3582, 0x4ab1, 0x7b2c, 0x24b4, 0x5825, 0x1663, 0x5c69,
    0x2db8, 0x47f7, 0x2711, 0x6c0a, 0x4a7f, 0x735b, 0x1b69, 0x2169,
};
static const fe base_y = {
    0x6658, 0x4ccc, 0x1999, 0x3333, 0x6666, 0x4ccc, 0x1999, 0x3333, 0x6666,
    0x4ccc, 0x1999, 0x3333, 0x6666, 0x4ccc, 0x1999, 0x3333, 0x6666,
};
static const fe base_t = {
    0x5da3, 0x4b6f, 0x2ace, 0x6ef4, 0x2f56, 0x6a2a, 0x601d, 0x784f, 0x7d20,
    0x57c6, 0x3992, 0x5274, 0x566e, 0x6ecc, 0x75e2, 0x2f87, 0x6787,
};

/* Digits below 2^16 on both sides; what comes out is below 2^15 + 2^7, and the same number modulo p. */
static void settle(fe r, uint64_t t[DIGITS])
{
    for (int pass = 0; pass < 2; pass++) {
        uint64_t carry = 0;
        for (int i = 0; i < DIGITS; i++) {
            t[i] += carry;
            carry = t[i] >> 15;
            t[i] &= DIGIT;
        }
        t[0] += 19 * carry;
    }
    for (int i = 0; i < DIGITS; i++)
        r[i] = (uint32_t)t[i];
}

static void add(fe r, const fe a, const fe b)
{
    uint64_t t[DIGITS];
    for (int i = 0; i < DIGITS; i++)
        t[i] = (uint64_t)a[i] + b[i];
    settle(r, t);
}

static void sub(fe r, const fe a, const fe b)
{
    uint64_t t[DIGITS];
    /* 4p is added, so that no digit goes below 0. */
    for (int i = 0; i < DIGITS; i++)
        t[i] = (uint64_t)a[i] + (i == 0 ? 4 * 0x7fedu : 4 * 0x7fffu) - b[i];
    settle(r, t);
}

static void mul(fe r, const fe a, const fe b)
{
    uint64_t t[DIGITS];
    for (int k = 0; k < DIGITS; k++) {
        uint64_t low = 0, high = 0;
        for (int i = 0; i < DIGITS; i++)
            if (i <= k)
                low += (uint64_t)a[i] * b[k - i];
            else
                high += (uint64_t)a[i] * b[k + DIGITS - i];
        t[k] = low + 19 * high;
    }
    settle(r, t);
}

static void copy(fe r, const fe a) { memcpy(r, a, sizeof(fe)); }

/* r = a^(2^n) */
static void square_times(fe r, const fe a, int n)
{
    copy(r, a);
    while (n-- > 0)
        mul(r, r, r);
}

/* r = a^(2^252 - 3), which is a^((p - 5) / 8). */
static void power(fe r, const fe a)
{
    fe t, u;
    copy(t, a);
    /* t = a^(2^n - 1), n from 1 to 250, one bit more each time. */
    for (int n = 1; n < 250; n++) {
        mul(t, t, t);
        mul(t, t, a);
    }
    square_times(u, t, 2);
    mul(r, u, a);
}

/* r = a^(p - 2) = (a^(2^252 - 3))^8 * a^3 */
static void invert(fe r, const fe a)
{
    fe t, u;
    power(t, a);
    square_times(t, t, 3);
    mul(u, a, a);
    mul(u, u, a);
    mul(r, t, u);
}

static void to_bytes(uint8_t out[32], const fe a)
{
    uint64_t t[DIGITS], over = 19;
    fe r;
    for (int i = 0; i < DIGITS; i++)
        t[i] = a[i];
    settle(r, t);
    /* Is it p or more? Then adding 19 carries out of the top. */
    for (int i = 0; i < DIGITS; i++)
        over = (r[i] + over) >> 15;
    over *= 19;
    for (int i = 0; i < DIGITS; i++) {
        over += r[i];
        r[i] = (uint32_t)over & DIGIT;
        over >>= 15;
    }
    memset(out, 0, 32);
    for (int bit = 0; bit < 255; bit++)
        out[bit / 8] |= (uint8_t)((r[bit / 15] >> bit % 15 & 1) << bit % 8);
}

static void from_bytes(fe r, const uint8_t in[32])
{
    memset(r, 0, sizeof(fe));
    for (int bit = 0; bit < 255; bit++)
        r[bit / 15] |= (uint32_t)(in[bit / 8] >> bit % 8 & 1) << bit % 15;
}

static bool equal(const fe a, const fe b)
{
    uint8_t x[32], y[32];
    to_bytes(x, a);
    to_bytes(y, b);
    return memcmp(x, y, 32) == 0;
}

/* ---- Points of the curve: x = X/Z, y = Y/Z, xy = T/Z ---- */

struct point {
    fe x, y, z, t;
};

/* RFC 8032, section 5.1.4; it holds for doubling too. */
static void plus(struct point *r, const struct point *p, const struct point *q)
{
    fe a, b, c, d, e;
    sub(a, p->y, p->x);
    sub(e, q->y, q->x);
    mul(a, a, e);
    add(b, p->y, p->x);
    add(e, q->y, q->x);
    mul(b, b, e);
    mul(c, p->t, q->t);
    mul(c, c, twice_d);
    mul(d, p->z, q->z);
    add(d, d, d);
    sub(e, b, a);
    add(b, b, a); /* H */
    sub(a, d, c); /* F */
    add(d, d, c); /* G */
    mul(r->x, e, a);
    mul(r->y, d, b);
    mul(r->t, e, b);
    mul(r->z, a, d);
}

/* Takes a point apart, x with its sign turned round. */
static bool negated(struct point *r, const uint8_t key[32])
{
    static const fe zero = { 0 }, one = { 1 };
    uint8_t back[32];
    fe u, v, w, s;
    from_bytes(r->y, key);
    to_bytes(back, r->y);
    back[31] |= key[31] & 0x80;
    if (memcmp(back, key, 32) != 0)
        return false; /* y is p or more */
    mul(s, r->y, r->y);
    sub(u, s, one);
    mul(v, s, edwards_d);
    add(v, v, one);
    /* x = u v^3 (u v^7)^((p-5)/8), perhaps times the root of -1 */
    mul(w, v, v);
    mul(w, w, v);
    mul(s, w, w);
    mul(s, s, v);
    mul(s, s, u);
    power(s, s);
    mul(s, s, w);
    mul(r->x, s, u);
    mul(s, r->x, r->x);
    mul(s, s, v);
    if (!equal(s, u)) {
        sub(w, zero, u);
        if (!equal(s, w))
            return false; /* no point of the curve */
        mul(r->x, r->x, root_of_minus_one);
    }
    to_bytes(back, r->x);
    if (equal(r->x, zero) && key[31] & 0x80)
        return false;
    if ((back[0] & 1) == key[31] >> 7)
        sub(r->x, zero, r->x);
    copy(r->z, one);
    mul(r->t, r->x, r->y);
    return true;
}

/* ---- Numbers modulo the order of the base point ---- */

static const uint32_t order[8] = { 0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000 };

static bool below_order(const uint32_t n[8])
{
    for (int i = 7; i >= 0; i--)
        if (n[i] != order[i])
            return n[i] < order[i];
    return false;
}

static void words(uint32_t out[8], const uint8_t in[32])
{
    for (int i = 0; i < 8; i++)
        out[i] = in[4 * i] | (uint32_t)in[4 * i + 1] << 8 | (uint32_t)in[4 * i + 2] << 16 | (uint32_t)in[4 * i + 3] << 24;
}

/* The remainder of 64 bytes, least first, bit by bit from the top. */
static void remainder_of(uint32_t r[8], const uint8_t in[64])
{
    memset(r, 0, 32);
    for (int bit = 511; bit >= 0; bit--) {
        uint32_t carry = in[bit / 8] >> bit % 8 & 1;
        for (int i = 0; i < 8; i++) {
            uint32_t top = r[i] >> 31;
            r[i] = r[i] << 1 | carry;
            carry = top;
        }
        if (!below_order(r)) {
            int64_t borrow = 0;
            for (int i = 0; i < 8; i++) {
                int64_t t = (int64_t)r[i] - order[i] + borrow;
                r[i] = (uint32_t)t;
                borrow = t < 0 ? -1 : 0;
            }
        }
    }
}

bool fl_signed(const uint8_t key[32], const uint8_t signature[64], const void *data, size_t n)
{
    struct point step[4], sum = { { 0 }, { 1 }, { 1 }, { 0 } };
    struct fl_sha512 hash;
    uint32_t s[8], k[8];
    uint8_t digest[64];
    fe z;
    words(s, signature + 32);
    if (!below_order(s) || !negated(&step[2], key))
        return false;
    fl_sha512_begin(&hash);
    fl_sha512_add(&hash, signature, 32);
    fl_sha512_add(&hash, key, 32);
    fl_sha512_add(&hash, data, n);
    fl_sha512_end(&hash, digest);
    remainder_of(k, digest);
    /* sB - kA, both at once from the top bit down; it must be the point whose bytes the signature begins with. */
    copy(step[1].x, base_x);
    copy(step[1].y, base_y);
    memset(step[1].z, 0, sizeof(fe));
    step[1].z[0] = 1;
    copy(step[1].t, base_t);
    plus(&step[3], &step[1], &step[2]);
    for (int bit = 252; bit >= 0; bit--) {
        int which = (int)(s[bit / 32] >> bit % 32 & 1) + 2 * (int)(k[bit / 32] >> bit % 32 & 1);
        plus(&sum, &sum, &sum);
        if (which != 0)
            plus(&sum, &sum, &step[which]);
    }
    invert(z, sum.z);
    mul(sum.x, sum.x, z);
    mul(sum.y, sum.y, z);
    to_bytes(digest, sum.y);
    to_bytes(digest + 32, sum.x);
    digest[31] |= (uint8_t)((digest[32] & 1) << 7);
    return memcmp(digest, signature, 32) == 0;
}

#endif
