/* Writing the device's messages, fields in the order of the contract's tables. Every writer returns 0 when the
   text did not fit, which the limits of the fields exclude. */
#include "fl_json.h"
#include "fl_message.h"

static size_t done(struct fl_writer *w)
{
    fl_put_close(w, '}');
    return w->full ? 0 : w->len;
}

static void begin(struct fl_writer *w, char *out, size_t cap, const char *m)
{
    fl_put_begin(w, out, cap);
    fl_put_open(w, NULL, '{');
    fl_put_text(w, "m", m);
}

size_t fl_write_record(const struct fl_record *r, char *out, size_t cap)
{
    static const char *const kinds[] = { "badge", "grant", "deny", "on", "off", "keep", "use", "boot", "fault", "lost" };
    struct fl_writer w;
    begin(&w, out, cap, "ev");
    fl_put_number(&w, "seq", r->seq);
    fl_put_number(&w, "boot", r->boot);
    fl_put_number(&w, "up", r->up);
    if (r->ts != 0)
        fl_put_number(&w, "ts", r->ts);
    fl_put_text(&w, "k", kinds[r->kind]);
    switch (r->kind) {
    case FL_BADGE:
        fl_put_number(&w, "rd", r->rd);
        fl_put_text(&w, "tag", r->tag);
        fl_put_text(&w, "pf", r->why);
        break;
    case FL_GRANT:
    case FL_DENY:
        fl_put_number(&w, "rd", r->rd);
        fl_put_number(&w, "ch", r->ch);
        fl_put_text(&w, "tag", r->tag);
        fl_put_text(&w, r->kind == FL_GRANT ? "sid" : "why", r->kind == FL_GRANT ? r->sid : r->why);
        fl_put_number(&w, "list", r->list);
        if (r->kind == FL_GRANT)
            fl_put_number(&w, "max", r->max);
        break;
    case FL_ON:
    case FL_OFF:
    case FL_KEEP:
    case FL_USE:
        fl_put_number(&w, "ch", r->ch);
        fl_put_text(&w, "sid", r->sid);
        if (r->kind == FL_OFF)
            fl_put_text(&w, "why", r->why);
        if (r->kind != FL_ON)
            fl_put_number(&w, "ms", r->ms);
        if (r->has_mwh)
            fl_put_number(&w, "mwh", r->mwh);
        if (r->has_list)
            fl_put_number(&w, "list", r->list);
        break;
    case FL_BOOT:
        fl_put_text(&w, "why", r->why);
        fl_put_number(&w, "lb", r->list);
        fl_put_number(&w, "lu", r->ms);
        fl_put_number(&w, "on", r->on);
        break;
    case FL_FAULT:
        fl_put_number(&w, "ch", r->ch);
        fl_put_text(&w, "f", r->why);
        fl_put_flag(&w, "on", r->on != 0);
        break;
    default:
        fl_put_number(&w, "cnt", r->list);
        break;
    }
    if (r->has_off)
        fl_put_flag(&w, "off", r->off);
    return done(&w);
}

size_t fl_write_reading(uint8_t mt, uint64_t up, const struct fl_reading *r, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "me");
    fl_put_number(&w, "mt", mt);
    fl_put_number(&w, "up", up);
    fl_put_number(&w, "mw", r->mw);
    if (r->has_mv)
        fl_put_number(&w, "mv", r->mv);
    if (r->has_ma)
        fl_put_number(&w, "ma", r->ma);
    if (r->has_mwh)
        fl_put_number(&w, "mwh", r->mwh);
    return done(&w);
}

static void texts(struct fl_writer *w, const char *name, const char *const *text, int n)
{
    fl_put_open(w, name, '[');
    for (int i = 0; i < n; i++)
        fl_put_text(w, NULL, text[i]);
    fl_put_close(w, ']');
}

size_t fl_write_birth(const struct fl_birth *b, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "birth");
    fl_put_number(&w, "pv", b->pv);
    fl_put_number(&w, "boot", b->boot);
    fl_put_number(&w, "bd", b->bd);
    fl_put_number(&w, "up", b->up);
    fl_put_text(&w, "fw", b->board->fw);
    fl_put_text(&w, "hw", b->board->hw);
    fl_put_open(&w, "jr", '{');
    fl_put_number(&w, "first", b->first);
    fl_put_number(&w, "last", b->last);
    fl_put_number(&w, "free", b->free);
    fl_put_number(&w, "lost", b->lost);
    fl_put_close(&w, '}');
    fl_put_number(&w, "list", b->list);
    fl_put_number(&w, "la", b->la);
    fl_put_number(&w, "cfg", b->cfg);
    fl_put_number(&w, "tk", b->tk);
    texts(&w, "rl", b->board->role, b->board->relays);
    texts(&w, "rd", b->board->family, b->board->readers);
    fl_put_open(&w, "mt", '[');
    for (int i = 0; i < b->board->meters; i++)
        fl_put_number(&w, NULL, b->board->measures[i]);
    fl_put_close(&w, ']');
    fl_put_number(&w, "dp", b->board->display);
    fl_put_open(&w, "st", '[');
    for (int i = 0; i < b->closed; i++) {
        fl_put_open(&w, NULL, '{');
        fl_put_number(&w, "ch", b->st[i].ch);
        fl_put_text(&w, "sid", b->st[i].sid);
        fl_put_number(&w, "left", b->st[i].left);
        fl_put_text(&w, "by", b->st[i].by);
        fl_put_close(&w, '}');
    }
    fl_put_close(&w, ']');
    fl_put_open(&w, "ft", '[');
    for (int i = 0; i < b->faults; i++) {
        char text[20] = { (char)('0' + b->ft[i].ch), ':' };
        for (size_t at = 0; b->ft[i].code[at] && at < 16; at++)
            text[2 + at] = b->ft[i].code[at];
        fl_put_text(&w, NULL, text);
    }
    fl_put_close(&w, ']');
    if (b->trial)
        fl_put_number(&w, "tr", 1);
    return done(&w);
}

size_t fl_write_will(uint32_t bd, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "will");
    fl_put_number(&w, "bd", bd);
    return done(&w);
}

size_t fl_write_answer(const struct fl_answer *a, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "res");
    fl_put_text(&w, "re", a->re);
    fl_put_text(&w, "code", a->code);
    fl_put_number(&w, "up", a->up);
    if (a->has_ch)
        fl_put_number(&w, "ch", a->ch);
    if (a->has_n)
        fl_put_number(&w, "n", a->n);
    if (a->has_v)
        fl_put_number(&w, "v", a->v);
    if (a->has_i)
        fl_put_number(&w, "i", a->i);
    if (a->c != NULL)
        fl_put_text(&w, "c", a->c);
    return done(&w);
}

size_t fl_write_ask(const char *q, uint64_t up, const uint32_t *n, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "ask");
    fl_put_text(&w, "q", q);
    fl_put_number(&w, "up", up);
    if (n != NULL)
        fl_put_number(&w, "n", *n);
    return done(&w);
}

size_t fl_write_claimed(const char *code, const struct fl_board *board, const char *proof, char *out, size_t cap)
{
    struct fl_writer w;
    begin(&w, out, cap, "claimed");
    fl_put_text(&w, "code", code);
    fl_put_text(&w, "fw", board->fw);
    fl_put_text(&w, "hw", board->hw);
    texts(&w, "rl", board->role, board->relays);
    texts(&w, "rd", board->family, board->readers);
    if (proof != NULL)
        fl_put_text(&w, "proof", proof);
    return done(&w);
}
