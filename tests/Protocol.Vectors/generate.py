#!/usr/bin/env python3
"""Writes keys, envelopes, messages, tags, topics and frames of tests/Protocol.Vectors, and the examples of firmware-protocol.md.

A second implementation of the contract's bytes, from the document alone and with Python's standard library only, so that
the C# code is not its own witness. device.json, gateway.json and line.json are written by hand. Run it from this folder.
"""
import base64, hashlib, hmac, json, re, sys

U32, UP, BIG = 4294967295, 8796093022207, 4102444800000
DEV, KEY, TAGKEY = "las-1", bytes(range(32)), bytes(range(100, 132))


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hkdf(key, salt, info, length=32):
    prk = hmac.new(salt, key, hashlib.sha256).digest()
    out, block, i = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([i]), hashlib.sha256).digest()
        out, i = out + block, i + 1
    return out[:length]


def derived(label, dev=DEV, key=KEY):
    return hkdf(key, b"fablab/1", f"{label}:{dev}".encode())


def seal(text, topic, boot, n, dev=DEV, key=KEY, kid=1):
    body = text if isinstance(text, bytes) else text.encode()
    way = "u" if topic.startswith("up/") else "d"
    ctr = f"{boot:08x}{n:08x}"
    data = b"fl1" + way.encode() + f"fl/1/{dev}/{topic}".encode() + b"\0" + ctr.encode() + b"\0" + body
    mac = hmac.new(derived("up" if way == "u" else "dn", dev, key), data, hashlib.sha256).digest()[:16]
    return body + f"\n{kid:02x}.{ctr}.{b64(mac)}".encode()


def crc16(data, crc=0xFFFF):
    for b in data:
        crc ^= b << 8
        for _ in range(8):
            crc = ((crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def cobs(data):
    out, piece = bytearray(), bytearray()
    ended = True  # whether a piece is open that must be written even when empty
    for i, b in enumerate(data):
        if b == 0:
            out += bytes([len(piece) + 1]) + piece
            piece, ended = bytearray(), True
        else:
            piece.append(b)
            ended = True
            if len(piece) == 254:
                out += b"\xff" + piece
                piece, ended = bytearray(), False
    if ended or piece:
        out += bytes([len(piece) + 1]) + piece
    return bytes(out)


def frame(kind, seq, payload, version=1):
    raw = bytes([version, kind, seq >> 8, seq & 255]) + payload
    return cobs(raw + crc16(raw).to_bytes(2, "big")) + b"\0"


def entry(tag, expires, rights):
    return hmac.new(TAGKEY, tag.encode(), hashlib.sha256).digest()[:16] + expires.to_bytes(4, "big") + bytes([rights])


# Ed25519 after RFC 8032, section 5.1, with Python's whole numbers: slow and short.
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def recover(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    return P - x if x % 2 != odd else x


BASE = (recover(4 * pow(5, P - 2, P) % P, 0), 4 * pow(5, P - 2, P) % P)


def times(n, point):
    total, power = (0, 1), point
    while n:
        if n & 1:
            total = plus(total, power)
        power, n = plus(power, power), n >> 1
    return total


def plus(a, b):
    k = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + a[1] * b[0]) * pow(1 + k, P - 2, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P)


def point_bytes(point):
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def author_key(secret):
    h = hashlib.sha512(secret).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    return a, h[32:], point_bytes(times(a, BASE))


def sign(secret, data):
    a, prefix, public = author_key(secret)
    r = int.from_bytes(hashlib.sha512(prefix + data).digest(), "little") % L
    big_r = point_bytes(times(r, BASE))
    k = int.from_bytes(hashlib.sha512(big_r + public + data).digest(), "little") % L
    return big_r + ((r + k * a) % L).to_bytes(32, "little")


AUTHOR = bytes(range(0xA0, 0xC0))


def file_of(size):
    return bytes(i % 251 for i in range(size))


def signed_bytes(fw, md, low, size, digest):
    return b"fablab firmware 1\0" + f"{md}\0{fw}\0{low}\0".encode() + size.to_bytes(4, "big") + digest


def offer(fw="1.5.0", md="las-board", low="0", size=600, secret=AUTHOR):
    digest = hashlib.sha256(file_of(size)).digest()
    return dict(m="ota", fw=fw, md=md, min=low, size=size, sha=b64(digest), sig=b64(sign(secret, signed_bytes(fw, md, low, size, digest))))


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def save(name, vectors):
    ids = [v["id"] for v in vectors]
    assert len(ids) == len(set(ids)), [i for i in ids if ids.count(i) > 1]
    with open(name, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join("  " + json.dumps(v, ensure_ascii=False) for v in vectors) + "\n]\n")


# ---- messages --------------------------------------------------------------------------------------------------------
# Each message: topic, a good base, and for each field the good values, the bad values, and whether it may be left out.

MISSING = object()
TEXT_BAD = [(7, "WrongType"), (True, "WrongType"), ("", "OutOfRange")]
NUM_BAD = [("5", "WrongType"), (True, "WrongType"), ([], "WrongType")]


def num(low, high, optional=False, edge=None):
    good = [low, high]
    bad = NUM_BAD + ([(low - 1, "OutOfRange")]) + [(high + 1, "OutOfRange")] + (edge or [])
    return dict(good=good, bad=bad, optional=optional)


def text(good, bad, optional=False, empty=False):
    base = TEXT_BAD[:2] if empty else TEXT_BAD
    return dict(good=good, bad=base + [(value, "OutOfRange") for value in bad], optional=optional)


def flag(must=False, good=(True, False), optional=True):
    return dict(good=list(good), bad=[(1, "WrongType"), ("true", "WrongType")], optional=not must)


CH, RD = num(0, 3), num(0, 3)
SID = text(["s", "A-z_0123456789abcdefgh"], ["a" * 23, "a b", "é"])
CODE16 = text(["x", "a-9", "a" * 16], ["a" * 17, "A", "a_b"])
TAGF = text(["em:62E3086CED", "iso:94D8FC5F"], ["em:62e3086ced", "62E3086CED", "iso:94D8FC"])
MWH = num(0, UP, optional=True)
EV = dict(m="ev", seq=9041, boot=412, up=123456)
REC = {
    "badge": (dict(rd=0, tag="iso:04A1B2C3D4E580", pf="pn532", off=True), dict(rd=RD, tag=TAGF, pf=CODE16, off=flag(good=[True]))),
    "grant": (dict(rd=0, ch=0, tag="em:62E3086CED", sid="o412-9041", list=239, max=3600, off=True),
              dict(rd=RD, ch=CH, tag=TAGF, sid=SID, list=num(1, U32), max=num(1, 43200), off=dict(good=[True], bad=[(False, "Missing"), (1, "WrongType")], optional=False))),
    "deny": (dict(rd=0, ch=0, tag="em:62E3086CED", why="unknown", list=239, off=True),
             dict(rd=RD, ch=CH, tag=TAGF, why=CODE16, list=num(0, U32), off=dict(good=[True], bad=[(False, "Missing"), (1, "WrongType")], optional=False))),
    "on": (dict(ch=0, sid="s1", mwh=5000, list=239, off=True),
           dict(ch=CH, sid=SID, mwh=MWH, list=dict(num(1, U32), need="off"), off=dict(good=[True], bad=[(False, "Contradiction"), (1, "WrongType")], optional=False, missing="Contradiction"))),
    "off": (dict(ch=0, sid="s1", why="told", ms=59000, mwh=5100, off=True),
            dict(ch=CH, sid=SID, why=CODE16, ms=num(0, UP), mwh=MWH, off=flag(good=[True]))),
    "keep": (dict(ch=0, sid="s1", ms=59000, mwh=5100), dict(ch=CH, sid=SID, ms=num(0, UP), mwh=MWH)),
    "use": (dict(ch=0, sid="s1", ms=59000, mwh=5100), dict(ch=CH, sid=SID, ms=num(0, UP), mwh=MWH)),
    "boot": (dict(why="power", lb=411, lu=86400000, on=1), dict(why=CODE16, lb=num(0, U32), lu=num(0, UP), on=num(0, 15))),
    "fault": (dict(ch=0, f="weld", on=True), dict(ch=CH, f=CODE16, on=flag(must=True))),
    "lost": (dict(cnt=12), dict(cnt=num(1, U32))),
}
BIRTH = dict(
    m="birth", pv=0, boot=412, bd=17, up=1234, fw="1.4.0", hw="24:6F:28:AA:BB:CC",
    jr=dict(first=9001, last=9042, free=1958, lost=0), list=239, la=1790000000, cfg=12, tk=1,
    rl=["main", "exhaust"], rd=["iso"], mt=[0], dp=40, st=[dict(ch=0, sid="s1", left=12000, by="lease")], ft=["1:weld"])
FULL_ENTRY = b64(entry("iso:04A1B2C3D4E580", 1798758000, 1))


def objects(inner, most):
    return dict(good=[[], inner], bad=[({}, "WrongType"), (7, "WrongType"), ([1], "WrongType"), ([inner[0]] * (most + 1), "OutOfRange")], optional=False)


POLICY = dict(ll="finish", cap=43200, mw=15000, idle=120, of="list", age=86400, omax=3600)
MESSAGES = {
    "birth": ("up/state", BIRTH, dict(
        pv=num(0, 255), boot=num(1, U32), bd=num(1, U32), up=num(0, UP),
        fw=text(["1", "123456789012"], ["1234567890123", "é"]), hw=text(["x", "12345678901234567"], ["123456789012345678", "a\nb"]),
        jr=dict(good=[dict(first=1, last=0, free=2000, lost=0)], bad=[(7, "WrongType"), ([], "WrongType")], optional=False),
        list=num(0, U32), la=num(0, U32), cfg=num(0, U32), tk=num(0, 255),
        rl=dict(good=[[], ["main", "a", "12345678", "light"]], bad=[("main", "WrongType"), ([7], "WrongType"), ([""], "OutOfRange"), (["Main"], "OutOfRange"), (["123456789"], "OutOfRange"), (["a"] * 5, "OutOfRange")], optional=False),
        rd=dict(good=[[], ["em", "iso", "w", "hid"]], bad=[("em", "WrongType"), ([7], "WrongType"), (["a"] * 5, "OutOfRange")], optional=False),
        mt=dict(good=[[], [0, 1, 2, 3]], bad=[(0, "WrongType"), (["0"], "WrongType"), ([4], "OutOfRange"), ([0] * 5, "OutOfRange")], optional=False),
        dp=num(0, 255), st=objects([BIRTH["st"][0]], 4),
        ft=dict(good=[[], ["0:weld", "1:relay", "2:heat", "3:flash"]], bad=[("0:weld", "WrongType"), (["4:weld"], "OutOfRange"), (["weld"], "OutOfRange"), (["0:a"] * 5, "OutOfRange")], optional=False))),
    "will": ("up/state", dict(m="will", bd=17), dict(bd=num(1, U32))),
    "me": ("up/me", dict(m="me", mt=0, up=1234, mw=2635000, mv=227000, ma=11661, mwh=6294000), dict(
        mt=num(0, 3), up=num(0, UP), mw=num(0, U32), mv=num(0, U32, True), ma=num(0, U32, True), mwh=MWH)),
    "res": ("up/res", dict(m="res", re="lease", code="ok", up=1234, ch=0, n=2001, v=7, i=3, c="abcdefgh"), dict(
        re=text(["x", "a" * 16], ["a" * 17]), code=CODE16, up=num(0, UP), ch=num(0, 3, True), n=num(0, U32, True), v=num(0, U32, True), i=num(0, 999, True),
        c=text(["abcdefgh", "A-_4567890123456789012"], ["abcdefg", "a" * 23, "abcdefg="], True))),
    "ask": ("up/res", dict(m="ask", q="ctr", up=1234, n=77), dict(q=text(["time", "list", "config", "ctr", "fw"], ["weather"]), up=num(0, UP), n=num(0, U32, True))),
    "lease": ("dn/cmd", dict(m="lease", ch=0, sid="s1", n=2001, ttl=30000, at=123460, s=True), dict(
        ch=CH, sid=SID, n=num(1, U32), ttl=dict(num(0, 43200000), good=[0, 500, 43200000], bad=NUM_BAD + [(-1, "OutOfRange"), (1, "OutOfRange"), (499, "OutOfRange"), (43200001, "OutOfRange")]),
        at=num(0, UP), s=flag(good=[True]))),
    "show": ("dn/cmd", dict(m="show", rd=0, k="no", t="La formation découpe laser manque. Prochaine date : le 12.", s=8, code="training-missing", **{"for": 9041}), dict(
        rd=RD, k=text(["yes", "no", "wait", "warn", "info"], ["maybe"]), t=text(["", "é" * 160, "x" * 320], ["x" * 321, "é" * 161, "a\nb"], empty=True), s=num(0, 600),
        code=text(["x", "a.b-c_d", "a" * 32], ["a" * 33, "A"], True), **{"for": num(1, U32, True)})),
    "config": ("dn/cmd", dict(m="config", v=12, si=60, hb=60, us=300, me=10, lang="fr", ch=[POLICY], rc=[0]), dict(
        v=num(1, U32), si=num(30, 600), hb=num(10, 600),
        us=dict(num(0, 3600), good=[0, 60, 3600], bad=NUM_BAD + [(-1, "OutOfRange"), (59, "OutOfRange"), (3601, "OutOfRange")]),
        me=num(0, 3600), lang=text(["fr", "en"], ["de"]), ch=objects([POLICY], 4),
        rc=dict(good=[[], [0, 1, 2, 3]], bad=[(0, "WrongType"), ([4], "OutOfRange"), ([0] * 5, "OutOfRange")], optional=False))),
    "time": ("dn/cmd", dict(m="time", t=1790000000000, c="abcdefghijkl", list=239), dict(
        t=num(1704067200000, BIG), c=text(["abcdefgh", "A-_4567890123456789012"], ["abcdefg", "a" * 23, "abcdefg+"]), list=num(0, U32))),
    "rebirth": ("dn/cmd", dict(m="rebirth"), {}),
    "ota": ("dn/cmd", offer(), dict(
        fw=text(["1", "123456789012"], ["1234567890123", "é"]), md=text(["x", "las-board-2", "a" * 16], ["a" * 17, "A", "a_b"]), min=text(["0", "123456789012"], ["1234567890123", "é"]),
        size=num(1, 16777216), sha=text([b64(bytes(32))], [b64(KEY)[:-1], b64(KEY) + "A", "+" + b64(KEY)[1:], b64(bytes(32))[:-1] + "B"]),
        sig=text([b64(bytes(64))], [b64(bytes(64))[:-1], b64(bytes(64)) + "A", b64(bytes(64))[:-1] + "B"]))),
    "part": ("dn/cmd", dict(m="part", o=512, b=b64(file_of(88))), dict(
        o=dict(num(0, 16776704), good=[0, 512, 16776704], bad=NUM_BAD + [(-1, "OutOfRange"), (511, "OutOfRange"), (16777216, "OutOfRange")]),
        b=text([b64(b"x"), b64(b"xy"), b64(file_of(512))], ["A", "AAAAA", b64(file_of(513)), "AB", "+w"]))),
    "confirm": ("dn/cmd", dict(m="confirm", fw="1.5.0"), dict(fw=text(["1", "123456789012"], ["1234567890123", "é"]))),
    "ack": ("dn/ack", dict(m="ack", seq=9041, bad=[9040]), dict(
        seq=num(0, U32), bad=dict(good=[[1], list(range(1, 17))], bad=[(7, "WrongType"), (["7"], "WrongType"), ([0], "OutOfRange"), (list(range(1, 18)), "OutOfRange")], optional=True))),
    "list": ("dn/list", dict(m="list", v=240, base=239, i=0, of=2, tk=1, at=1790000000, cnt=21, e=FULL_ENTRY), dict(
        v=dict(num(1, U32), good=[240, U32]), base=dict(num(0, U32), good=[0, 239], bad=NUM_BAD + [(-1, "OutOfRange"), (240, "Contradiction")]),
        i=dict(num(0, 999), good=[0, 1], bad=NUM_BAD + [(-1, "OutOfRange"), (2, "Contradiction"), (1000, "OutOfRange")]),
        of=dict(num(1, 1000)), tk=num(1, 255), at=num(0, U32), cnt=num(0, 20000),
        e=text(["", FULL_ENTRY, FULL_ENTRY * 20], [FULL_ENTRY[:-1], FULL_ENTRY + "AAAA", FULL_ENTRY * 21, FULL_ENTRY[:-2] + "+A", FULL_ENTRY[:-1] + "Q"], empty=True))),
    "gw": ("fl/1/gw/state", dict(on=True, t=1790000000000, epoch=7), dict(on=flag(must=True), t=num(0, BIG), epoch=num(0, U32))),
    "claim": ("claim", dict(m="claim", dev=DEV, kid=1, k=b64(KEY), tkid=1, tk=b64(TAGKEY), host="fablab.local", port=1883, ssid="Atelier", **{"pass": "mot de passe"}), dict(
        dev=text(["a-1", "a" * 24], ["ab", "a" * 25, "-ab", "ab-", "A-1", "a/b", "a+b"]), kid=num(1, 255), k=text([b64(bytes(32))], [b64(KEY)[:-1], b64(KEY) + "=", "+" + b64(KEY)[1:], b64(bytes(32))[:-1] + "B"]),
        tkid=dict(num(1, 255), need="tk"), tk=dict(text([b64(bytes(32))], [b64(TAGKEY)[:-1]]), need="tk"),
        host=text(["x", "a" * 64], ["a" * 65, "é"], True), port=num(1, 65535, True), ssid=text(["x", "é" * 16], ["é" * 17], True), **{"pass": text(["", "a" * 63], ["a" * 64], True, empty=True)})),
    "claimed": ("claimed", dict(m="claimed", code="ok", fw="1.4.0", hw="24:6F:28:AA:BB:CC", rl=["main"], rd=["iso"], proof="PROOF"), dict(
        code=text(["ok", "held", "bad"], ["OK"]), fw=text(["1", "123456789012"], ["1234567890123"]), hw=text(["x", "12345678901234567"], ["123456789012345678"]),
        rl=dict(good=[[], ["a"] * 4], bad=[(7, "WrongType"), (["a"] * 5, "OutOfRange")], optional=False),
        rd=dict(good=[[], ["a"] * 4], bad=[(7, "WrongType"), (["a"] * 5, "OutOfRange")], optional=False),
        proof=text(["x" * 22], ["x" * 21, "x" * 23], True))),
}
PROOF = b64(hmac.new(derived("up"), b"claimed\0" + DEV.encode(), hashlib.sha256).digest()[:16])
MESSAGES["claimed"][1]["proof"] = PROOF
NESTED = {
    "birth.jr": ("birth", lambda b, i: dict(b, jr=i), BIRTH["jr"], dict(
        first=dict(num(1, U32), good=[1, 9043], bad=NUM_BAD + [(0, "OutOfRange"), (9044, "Contradiction")]), last=dict(num(0, U32), good=[9000, U32], bad=NUM_BAD + [(-1, "OutOfRange"), (8999, "Contradiction:first")]), free=num(0, 65535), lost=num(0, U32))),
    "birth.st": ("birth", lambda b, i: dict(b, st=[i]), BIRTH["st"][0], dict(ch=CH, sid=SID, left=num(0, 172800000), by=text(["lease", "keep", "list"], ["Lease"]))),
    "config.ch": ("config", lambda b, i: dict(b, ch=[i]), POLICY, dict(
        ll=text(["open", "finish"], ["hold"]), cap=dict(num(0, 172800), good=[1, 172800], bad=NUM_BAD + [(0, "Contradiction"), (172801, "OutOfRange")]),
        mw=num(0, U32), idle=num(0, 3600), of=text(["deny", "list"], ["allow"]), age=num(0, 2592000), omax=num(0, 43200))),
}


def messages():
    out = []

    def add(row, number, topic, value, fault=None, field=None, exact=True):
        vector = dict(id=f"{row}/{number}", rows=[row], topic=topic, json=value if isinstance(value, str) else dump(value))
        if fault is None:
            vector["ok"] = True
            if not exact:
                vector["rewritten"] = True
        else:
            vector["fault"] = fault
            if field:
                vector["field"] = field
        out.append(vector)

    def fields(prefix, topic, base, specs, wrap=lambda i: i, path=""):
        for name, spec in specs.items():
            row, i = f"{prefix}.{name}", 0
            for value in spec["good"]:
                i += 1
                add(row, i, topic, wrap(dict(base, **{name: value})))
            for value, fault in spec["bad"]:
                i += 1
                fault, _, where = fault.partition(":")
                add(row, i, topic, wrap(dict(base, **{name: value})), fault, path + (where or name))
            without = wrap({k: v for k, v in base.items() if k != name})
            if spec.get("need"):
                add(row, i + 1, topic, without, "Contradiction", path + spec["need"])
            elif spec.get("missing"):
                add(row, i + 1, topic, without, spec["missing"], path + name)
            elif spec["optional"]:
                add(row, i + 1, topic, without)
                add(row, i + 2, topic, wrap(dict(base, **{name: None})), exact=False)
            else:
                add(row, i + 1, topic, without, "Missing", path + name)
                add(row, i + 2, topic, wrap(dict(base, **{name: None})), "Missing", path + name)

    for name, (topic, base, specs) in MESSAGES.items():
        if "m" in base:
            add(f"{name}.m", 1, topic, base)
            add(f"{name}.m", 2, topic, dict(base, m="nonsense"), "UnknownMessage")
            add(f"{name}.m", 3, topic, {k: v for k, v in base.items() if k != "m"}, "Missing", "m")
            add(f"{name}.m", 4, topic, dict(base, m=7), "WrongType", "m")
        fields(name, topic, base, specs)
    for prefix, (outer, wrap, base, specs) in NESTED.items():
        topic, whole, _ = MESSAGES[outer]
        fields(prefix, topic, base, specs, lambda i, wrap=wrap, whole=whole: wrap(whole, i), prefix.split(".")[1] + ".")
    for kind, (base, specs) in REC.items():
        fields(f"ev.{kind}", "up/ev", dict(EV, k=kind, **base), specs)
    common = dict(EV, ts=1790000123456, k="lost", cnt=1)
    fields("ev", "up/ev", common, dict(seq=num(1, U32), boot=num(1, U32), up=num(0, UP), ts=num(0, BIG, True)))
    add("ev.m", 1, "up/ev", common)
    add("ev.m", 2, "up/ev", dict(common, m="ew"), "UnknownMessage")
    add("ev.k", 1, "up/ev", dict(common, k="dance"), "UnknownMessage")
    add("ev.k", 2, "up/ev", {k: v for k, v in common.items() if k != "k"}, "Missing", "k")
    add("ev.k", 3, "up/ev", dict(common, k="BADGE"), "OutOfRange", "k")
    add("ev.off", 1, "up/ev", dict(EV, k="badge", rd=0, tag="em:62E3086CED", pf="x", off=True))
    add("ev.off", 2, "up/ev", dict(EV, k="badge", rd=0, tag="em:62E3086CED", pf="x", off="yes"), "WrongType", "off")
    add("ev.off", 3, "up/ev", dict(EV, k="badge", rd=0, tag="em:62E3086CED", pf="x", off=False), exact=False)

    ack = dump(dict(m="ack", seq=7))
    add("json.form", 1, "dn/ack", " { \"m\" : \"ack\" ,\n \"seq\" : 7 } ", exact=False)
    for i, bad in enumerate(["", "null", "[]", "7", "{", ack[:-1], ack + ack, ack + "x", "{\"m\":\"ack\",\"seq\":7,\"seq\":8}", "{\"m\":\"ack\",/**/\"seq\":7}", "{\"m\":\"ack\",\"seq\":7,}", "{\"m\":\"\\ud800\",\"seq\":7}", "{'m':'ack','seq':7}"]):
        add("json.form", i + 2, "dn/ack", bad, "NotJson")
    add("json.unknown", 1, "dn/ack", "{\"m\":\"ack\",\"new\":{\"a\":[1.5,null]},\"seq\":7}", exact=False)
    add("json.null", 1, "dn/ack", "{\"m\":\"ack\",\"seq\":7,\"bad\":null}", exact=False)
    add("json.types", 1, "dn/ack", "{\"m\":\"ack\",\"seq\":\"7\"}", "WrongType", "seq")
    for i, bad in enumerate(["7.0", "7e0", "7E0", "0.7e1"]):
        add("json.integers", i + 1, "dn/ack", "{\"m\":\"ack\",\"seq\":%s}" % bad, "WrongType", "seq")
    add("json.integers", 5, "dn/ack", "{\"m\":\"ack\",\"seq\":99999999999999999999}", "OutOfRange", "seq")
    add("json.integers", 6, "dn/ack", "{\"m\":\"ack\",\"seq\":07}", "NotJson")
    add("json.order", 1, "dn/ack", "{\"seq\":7,\"m\":\"ack\"}", exact=False)
    add("limit.depth", 1, "dn/ack", "{\"m\":\"ack\",\"seq\":7,\"x\":[[[1]]]}", exact=False)
    add("limit.depth", 2, "dn/ack", "{\"m\":\"ack\",\"seq\":7,\"x\":[[[[1]]]]}", "NotJson")
    pad = "{\"m\":\"ack\",\"seq\":7,\"x\":\"%s\"}"
    add("limit.json", 1, "dn/ack", pad % ("x" * (768 - len(pad) + 2)), exact=False)
    add("limit.json", 2, "dn/ack", pad % ("x" * (769 - len(pad) + 2)), "TooLong")
    worst = dict(BIRTH, pv=255, boot=U32, bd=U32, up=UP, fw="x" * 12, hw="x" * 17, jr=dict(first=U32, last=U32, free=65535, lost=U32), list=U32, la=U32, cfg=U32, tk=255,
                 rl=["x" * 8] * 4, rd=["x" * 8] * 4, mt=[3] * 4, dp=255, st=[dict(ch=3, sid="x" * 22, left=172800000, by="lease")] * 4, ft=["3:" + "x" * 16] * 4, tr=1)
    assert len(dump(worst)) <= 768, len(dump(worst))
    add("limit.json", 3, "up/state", worst)
    add("limit.device-id", 1, "claim", dict(MESSAGES["claim"][1], dev="a" * 25), "OutOfRange", "dev")
    add("limit.session", 1, "dn/cmd", dict(MESSAGES["lease"][1], sid="x" * 23), "OutOfRange", "sid")
    add("limit.code", 1, "up/res", dict(MESSAGES["res"][1], code="x" * 17), "OutOfRange", "code")
    add("limit.tag", 1, "up/ev", dict(EV, k="badge", rd=0, tag="iso:00112233445566778899", pf="x"))
    add("limit.tag", 2, "up/ev", dict(EV, k="badge", rd=0, tag="iso:00112233445566778899AA", pf="x"), "OutOfRange", "tag")
    add("limit.sentence", 1, "dn/cmd", dict(MESSAGES["show"][1], t="é" * 160))
    add("limit.sentence", 2, "dn/cmd", dict(MESSAGES["show"][1], t="é" * 160 + "x"), "OutOfRange", "t")
    add("limit.lease", 1, "dn/cmd", dict(MESSAGES["lease"][1], ttl=43200000))
    add("limit.lease", 2, "dn/cmd", dict(MESSAGES["lease"][1], ttl=43200001), "OutOfRange", "ttl")
    add("limit.cap", 1, "dn/cmd", dict(MESSAGES["config"][1], ch=[dict(POLICY, cap=172800)]))
    add("limit.cap", 2, "dn/cmd", dict(MESSAGES["config"][1], ch=[dict(POLICY, cap=172801)]), "OutOfRange", "ch.cap")
    add("limit.chunk", 1, "dn/list", dict(MESSAGES["list"][1], e=FULL_ENTRY * 20))
    add("limit.chunk", 2, "dn/list", dict(MESSAGES["list"][1], e=FULL_ENTRY * 21), "OutOfRange", "e")
    add("limit.utc", 1, "dn/cmd", dict(MESSAGES["time"][1], t=1704067199999), "OutOfRange", "t")
    add("limit.utc", 2, "dn/cmd", dict(MESSAGES["time"][1], t=BIG + 1), "OutOfRange", "t")
    for i, k in enumerate(["yes", "no", "wait", "warn", "info"]):
        add(f"show.k.{k}", 1, "dn/cmd", dict(m="show", rd=0, k=k, t="", s=3))
    add("entry.hash", 1, "dn/list", dict(MESSAGES["list"][1], base=0, e=b64(entry("iso:04A1B2C3D4E580", 0, 1))))
    out[-1]["entries"] = [dict(tag="iso:04A1B2C3D4E580", exp=0, rights=1)]
    add("entry.exp", 1, "dn/list", dict(MESSAGES["list"][1], e=b64(entry("em:62E3086CED", U32, 15) + entry("w:086CED", 1798758000, 2))))
    out[-1]["entries"] = [dict(tag="em:62E3086CED", exp=U32, rights=15), dict(tag="w:086CED", exp=1798758000, rights=2)]
    add("entry.rights", 1, "dn/list", dict(MESSAGES["list"][1], e=b64(entry("em:62E3086CED", 0, 0))))
    out[-1]["entries"] = [dict(tag="em:62E3086CED", exp=0, rights=0)]
    add("entry.rights", 2, "dn/list", dict(MESSAGES["list"][1], e=b64(entry("em:62E3086CED", 0, 16))), "OutOfRange", "e")
    for i, size in enumerate([16777216, 16777217]):
        add("limit.firmware", i + 1, "dn/cmd", dict(MESSAGES["ota"][1], size=size), *(["OutOfRange", "size"] if i else []))
    for i, size in enumerate([512, 513]):
        add("limit.piece", i + 1, "dn/cmd", dict(MESSAGES["part"][1], b=b64(file_of(size))), *(["OutOfRange", "b"] if i else []))
    add("birth.tr", 1, "up/state", dict(BIRTH, tr=1))
    add("birth.tr", 2, "up/state", dict(BIRTH, tr=0), exact=False)
    add("birth.tr", 3, "up/state", dict(BIRTH, tr=None), exact=False)
    add("birth.tr", 4, "up/state", dict(BIRTH, tr=2), "OutOfRange", "tr")
    add("birth.tr", 5, "up/state", dict(BIRTH, tr=True), "WrongType", "tr")
    add("version.minor", 1, "up/state", dict(BIRTH, pv=2, colour="blue"), exact=False)
    return out


# ---- keys, tags, topics ----------------------------------------------------------------------------------------------

def keys():
    tags = ["em:62E3086CED", "*4:E3086CED", "*3:086CED", "w:086CED", "iso:04A1B2C3D4E580"]
    out = [
        dict(id="key.up/1", rows=["key.up"], what="key of messages to the gateway", device=DEV, key=KEY.hex(), label="up", hex=derived("up").hex()),
        dict(id="key.dn/1", rows=["key.dn"], what="key of messages to the device", device=DEV, key=KEY.hex(), label="dn", hex=derived("dn").hex()),
        dict(id="key.mqtt/1", rows=["key.mqtt"], what="broker password", device=DEV, key=KEY.hex(), label="mqtt", text=b64(derived("mqtt"))),
        dict(id="key.up/2", rows=["key.up"], what="another device with the same key has other keys", device="cnc-2", key=KEY.hex(), label="up", hex=derived("up", "cnc-2").hex()),
        dict(id="claimed.proof/key", rows=["claimed.proof"], what="proof that the key arrived", device=DEV, key=KEY.hex(), label="proof", text=PROOF),
    ]
    out += [dict(id=f"entry.hash/{tag}", rows=["entry.hash"], what="hash of a tag", label="tag", tag=tag, hex=entry(tag, 0, 0)[:16].hex()) for tag in tags]
    out.append(dict(id="entry.exp/bytes", rows=["entry.hash", "entry.exp", "entry.rights"], what="a packed entry", label="entry", tag=tags[4], exp=1798758000, rights=1, hex=entry(tags[4], 1798758000, 1).hex()))
    return out


def tags():
    good = {"em": ["em:62E3086CED", "em:E3086CED", "em:086CED"], "iso": ["iso:94D8FC5F", "iso:53BB1F05110001", "iso:04A1B2C3D4E5F6071829"], "w": ["w:086CED", "w:E3086CED"], "broken": ["em:0000000001"]}
    bad = {"em": ["em:6CED", "em:62E3086CE", "em:62E3086CEDFF", "em:62e3086ced", "EM:62E3086CED", "em62E3086CED", "em:", "em:62E3086CEG", " em:62E3086CED", "", ":", "rfid:94D8FC5F"],
           "iso": ["iso:94D8FC", "iso:94-D8-FC-5F", "iso:94D8FC5F0", "iso:94D8FC5F00"], "w": ["w:62E3086CED", "w:08,27885", "w26:086CED"], "broken": ["em:0000000000", "iso:FFFFFFFF", "w:000000"]}
    out = [dict(id=f"tag.{form}/{i + 1}", rows=[f"tag.{form}"], tag=tag, ok=tag in good[form]) for form in good for i, tag in enumerate(good[form] + bad[form])]
    out.append(dict(id="tag.whole/1", rows=["tag.whole", "tag.last4", "tag.last3"], tag="em:62E3086CED", ok=True, texts=["em:62E3086CED", "*4:E3086CED", "*3:086CED"]))
    out.append(dict(id="tag.last3/1", rows=["tag.last3"], tag="w:086CED", ok=True, texts=["w:086CED", "*3:086CED"]))
    out.append(dict(id="tag.last4/1", rows=["tag.last4"], tag="iso:94D8FC5F", ok=True, texts=["iso:94D8FC5F", "*4:94D8FC5F", "*3:D8FC5F"]))
    return out


def topics():
    rows = [("state", "up/state", 1, True), ("ev", "up/ev", 1, False), ("me", "up/me", 0, False), ("res", "up/res", 1, False),
            ("cmd", "dn/cmd", 1, False), ("ack", "dn/ack", 1, False), ("list", "dn/list", 1, False)]
    out = [dict(id=f"topic.{row}/1", rows=[f"topic.{row}"], topic=f"fl/1/{DEV}/{tail}", device=DEV, kind=tail, qos=qos, retain=retain) for row, tail, qos, retain in rows]
    out.append(dict(id="topic.gw/1", rows=["topic.gw"], topic="fl/1/gw/state", device="", kind="fl/1/gw/state", qos=1, retain=True))
    for i, bad in enumerate(["", "fl", "fl/1/", "fl/1/las-1", "fl/1/las-1/", "fl/1/las-1/up", "fl/1/las-1/up/ev/", "fl/1/las-1/up/EV", "fl/1/LAS-1/up/ev", "fl/1/la/up/ev", "fl/1/las 1/up/ev",
                             "fl/1/las-1/up/#", "fl/1/+/up/ev", "/fl/1/las-1/up/ev", "fl/1/gw/up/ev", "fl/1/gw/state/", "fl/1/" + "a" * 25 + "/up/ev", "x" * 300]):
        out.append(dict(id=f"topic.other/{i + 1}", rows=["topic.other"], topic=bad))
    out.append(dict(id="version.major/1", rows=["version.major"], topic="fl/2/las-1/up/ev"))
    return out


# ---- envelopes -------------------------------------------------------------------------------------------------------

OFFER = dump(MESSAGES["ota"][1])
BADGE = dump(dict(EV, ts=1790000123456, k="badge", rd=0, tag="iso:04A1B2C3D4E580", pf="pn532"))
LEASE = dump(MESSAGES["lease"][1])
ACK = dump(dict(m="ack", seq=9041))
WILL = dump(dict(m="will", bd=17))


def envelopes():
    good = seal(BADGE, "up/ev", 412, 7)

    def bad(row, n, what, topic, data, fault):
        return dict(id=f"{row}/{n}", rows=[row], what=what, topic=topic, hex=data.hex(), fault=fault)

    def fine(row, n, what, topic, data, boot, count, text):
        return dict(id=f"{row}/{n}", rows=[row], what=what, topic=topic, hex=data.hex(), boot=boot, n=count, json=text)

    def cut(i, b):
        return good[:i] + bytes([b]) + good[i + 1:]

    end = len(good)
    pad = "{\"m\":\"ack\",\"seq\":7,\"x\":\"%s\"}"
    full = pad % ("x" * (768 - len(pad) + 2))
    out = [
        fine("seal.code", 1, "a badge record", "up/ev", good, 412, 7, BADGE),
        fine("seal.code", 2, "the lease that answers it", "dn/cmd", seal(LEASE, "dn/cmd", 412, 2001), 412, 2001, LEASE),
        fine("seal.code", 3, "an acknowledgement", "dn/ack", seal(ACK, "dn/ack", 412, 2002), 412, 2002, ACK),
        fine("seal.code", 4, "a will", "up/state", seal(WILL, "up/state", 412, 640), 412, 640, WILL),
        fine("seal.code", 15, "an offer of firmware", "dn/cmd", seal(OFFER, "dn/cmd", 412, 2003), 412, 2003, OFFER),
        fine("seal.code", 5, "largest counter", "dn/ack", seal(ACK, "dn/ack", U32, U32), U32, U32, ACK),
        fine("seal.code", 6, "line feeds inside the JSON", "dn/ack", seal("{\n\"m\":\"ack\",\n\"seq\":7}", "dn/ack", 1, 1), 1, 1, "{\n\"m\":\"ack\",\n\"seq\":7}"),
        fine("seal.parse", 1, "genuine bytes that are not JSON open all the same", "dn/ack", seal("no json", "dn/ack", 1, 1), 1, 1, "no json"),
        bad("seal.code", 7, "one bit of the JSON changed", "up/ev", cut(3, good[3] ^ 1), "BadCode"),
        bad("seal.code", 8, "one bit of the code changed", "up/ev", cut(end - 5, good[end - 5] ^ 1), "BadCode"),
        bad("seal.code", 9, "last character of the code in its other spelling", "up/ev", cut(end - 1, good[end - 1] + 1), "BadCode"),
        bad("seal.code", 10, "another topic", "up/res", good, "BadCode"),
        bad("seal.code", 11, "the other direction", "dn/cmd", good, "BadCode"),
        bad("seal.code", 12, "another counter", "up/ev", good.replace(b"0000019c00000007", b"0000019c00000008"), "BadCode"),
        bad("seal.code", 13, "another device's key", "up/ev", seal(BADGE, "up/ev", 412, 7, dev="las-2"), "BadCode"),
        bad("seal.code", 14, "a space before the JSON", "up/ev", b" " + good, "BadCode"),
        bad("seal.key", 1, "a key number that is not held", "up/ev", seal(BADGE, "up/ev", 412, 7, kid=2), "UnknownKey"),
        bad("seal.trailer", 1, "nothing", "up/ev", b"", "BadTrailer"),
        bad("seal.trailer", 2, "JSON alone", "up/ev", BADGE.encode(), "BadTrailer"),
        bad("seal.trailer", 3, "trailer alone", "up/ev", good[-43:], "BadTrailer"),
        bad("seal.trailer", 4, "upper-case hex", "up/ev", good.replace(b"0000019c", b"0000019C"), "BadTrailer"),
        bad("seal.trailer", 5, "one byte short", "up/ev", good[:-1], "BadTrailer"),
        bad("seal.trailer", 6, "one byte more", "up/ev", good + b"\n", "BadTrailer"),
        bad("seal.trailer", 7, "carriage return before the line feed's place", "up/ev", cut(end - 43, 13), "BadTrailer"),
        bad("seal.trailer", 8, "a colon for a dot", "up/ev", cut(end - 40, 58), "BadTrailer"),
        fine("limit.message", 1, "longest message", "dn/ack", seal(full, "dn/ack", 1, 1), 1, 1, full),
        bad("limit.message", 2, "one byte more", "dn/ack", seal(pad % ("x" * (769 - len(pad) + 2)), "dn/ack", 1, 1), "TooLong"),
        bad("seal.length", 1, "one byte more than allowed is not read at all", "dn/ack", b"x" * 812, "TooLong"),
    ]
    return out


# ---- frames ----------------------------------------------------------------------------------------------------------

def frames():
    hello, lease = frame(0x01, 1, DEV.encode()), frame(0x20, 5, seal(LEASE, "dn/cmd", 412, 2001))
    long = frame(0x11, 9, b"x" * 811)

    def vector(row, n, what, data, *found):
        return dict(id=f"{row}/{n}", rows=[row], what=what, hex=data.hex(), found=list(found))

    def good(kind, seq, payload):
        return dict(type=f"{kind:02x}", seq=seq, payload=payload.hex())

    def fault(reason):
        return dict(fault=reason)

    h, l = good(1, 1, DEV.encode()), good(0x20, 5, seal(LEASE, "dn/cmd", 412, 2001))
    broken = bytearray(hello)
    broken[5] ^= 4
    badraw = bytes([1, 1, 0, 1]) + DEV.encode()
    out = [
        vector("frame.cobs", 1, "hello", hello, h),
        vector("frame.cobs", 2, "payload of zeros", frame(0x11, 2, bytes(20)), good(0x11, 2, bytes(20))),
        vector("frame.cobs", 3, "253 to 256 bytes without a zero in one frame", b"".join(frame(0x11, i, b"\x55" * i) for i in (247, 248, 249, 250, 251, 252)),
               *[good(0x11, i, b"\x55" * i) for i in (247, 248, 249, 250, 251, 252)]),
        vector("frame.cobs", 4, "a piece that says it is longer than what is there", bytes([9, 1, 1, 0]), fault("BadFrame")),
        vector("frame.payload", 1, "no payload", frame(0x02, 3, b""), good(2, 3, b"")),
        vector("frame.payload", 2, "longest payload", long, good(0x11, 9, b"x" * 811)),
        vector("frame.payload", 3, "one byte more", frame(0x11, 9, b"x" * 812), fault("TooLong")),
        vector("limit.frame", 1, "a frame of 818 bytes, full of zeros so that its code is short enough to look at", frame(0x11, 9, bytes(812)), fault("TooLong")),
        vector("limit.encoded", 1, "821 bytes and the closing zero", long, good(0x11, 9, b"x" * 811)),
        vector("limit.encoded", 2, "822 bytes", bytes([2] * 822) + b"\0" + hello, fault("TooLong"), h),
        vector("frame.version", 1, "version 2", frame(1, 1, DEV.encode(), version=2), fault("BadFrame")),
        vector("version.frame", 1, "version 0", frame(1, 1, DEV.encode(), version=0), fault("BadFrame")),
        vector("frame.type", 1, "a type that is none", frame(0x40, 1, b"x"), fault("BadFrame")),
        vector("frame.seq", 1, "number 1 and number 65535", frame(1, 1, b"") + frame(1, 65535, b""), good(1, 1, b""), good(1, 65535, b"")),
        vector("frame.seq", 2, "frame 5 with a lease", lease, l),
        vector("frame.crc", 1, "one bit changed", bytes(broken), fault("BadCrc")),
        vector("frame.crc", 2, "check sum little endian", cobs(badraw + crc16(badraw).to_bytes(2, "little")) + b"\0", fault("BadCrc")),
        vector("frame.crc", 3, "too short to have one", cobs(b"\1\1\0\1\2") + b"\0", fault("BadFrame")),
        vector("frame.end", 1, "two frames glued", hello + lease, h, l),
        vector("frame.end", 2, "no closing zero, so nothing yet", hello[:-1]),
        vector("line.resync", 1, "garbage before", b"\x11\x22\x33\0" + hello, fault("BadFrame"), h),
        vector("line.resync", 2, "garbage glued to the front spoils that frame only", b"\x11\x22\x33" + hello + hello, fault("BadFrame"), h),
        vector("line.resync", 3, "a truncated frame, then a good one", lease[:40] + b"\0" + hello, fault("BadFrame"), h),
        vector("line.resync", 4, "idle line", b"\0\0\0" + hello + b"\0\0" + lease + b"\0", h, l),
        vector("line.long", 1, "two thousand bytes without a zero, then a good frame", b"\x07" * 2000 + b"\0" + hello, fault("TooLong"), h),
    ]
    names = {"hello": 1, "ack": 2, "state": 0x10, "ev": 0x11, "me": 0x12, "res": 0x13, "cmd": 0x20, "dn-ack": 0x21, "list": 0x22, "gw": 0x23, "claim": 0x30, "claimed": 0x31}
    topics_of = {"state": "up/state", "ev": "up/ev", "me": "up/me", "res": "up/res", "cmd": "dn/cmd", "dn-ack": "dn/ack", "list": "dn/list", "gw": "fl/1/gw/state"}
    for name, kind in names.items():
        v = vector(f"type.{name}", 1, f"type {kind:02x}", frame(kind, 7, b"x"), good(kind, 7, b"x"))
        if name in topics_of:
            v["topic"] = topics_of[name]
        v["acknowledged"] = name not in ("ack", "me")
        out.append(v)
    out.append(dict(vector("type.ack", 2, "acknowledgement of frame 1", frame(2, 1, b""), good(2, 1, b""))))
    return out


# ---- examples of the document ----------------------------------------------------------------------------------------

def examples():
    def block(name, data):
        lines = [" ".join(f"{b:02X}" for b in data[i:i + 16]) for i in range(0, len(data), 16)]
        return f"```hex {name}\n" + "\n".join(lines) + "\n```"

    def sealed(name, data):
        return "```text\n" + data.decode() + "\n```\n\n" + block(name, data)

    return {
        "keys": f"```text\nup    {derived('up').hex()}\ndn    {derived('dn').hex()}\nmqtt  {b64(derived('mqtt'))}\nproof {PROOF}\n```",
        "ev": sealed("seal.code/1", seal(BADGE, "up/ev", 412, 7)),
        "lease": sealed("seal.code/2", seal(LEASE, "dn/cmd", 412, 2001)),
        "ack": sealed("seal.code/3", seal(ACK, "dn/ack", 412, 2002)),
        "will": sealed("seal.code/4", seal(WILL, "up/state", 412, 640)),
        "hello": block("frame.cobs/1", frame(1, 1, DEV.encode())),
        "helloack": block("type.ack/2", frame(2, 1, b"")),
        "leaseframe": block("frame.seq/2", frame(0x20, 5, seal(LEASE, "dn/cmd", 412, 2001))),
        "author": f"```text\n{author_key(AUTHOR)[2].hex()}\n```",
        "signed": "```text\n" + "\n".join(re.findall(".{1,64}", signed_bytes("1.5.0", "las-board", "0", 600, hashlib.sha256(file_of(600)).digest()).hex())) + "\n```",
        "ota": sealed("seal.code/15", seal(OFFER, "dn/cmd", 412, 2003)),
        "entry": block("entry.exp/bytes", entry("iso:04A1B2C3D4E580", 1798758000, 1)),
    }


if __name__ == "__main__":
    # RFC 8032, section 7.1, test 2.
    assert sign(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), b"\x72").hex().startswith("92a009a9f0d4cab8720e820b5f642540")
    assert crc16(b"123456789") == 0x29B1 and crc16(bytes.fromhex("536508000460"), 0x1D0F) == 0x9060
    assert cobs(bytes.fromhex("11002200")) == bytes.fromhex("0211022201")
    save("keys.json", keys())
    save("tags.json", tags())
    save("topics.json", topics())
    save("messages.json", messages())
    save("envelopes.json", envelopes())
    save("frames.json", frames())
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as file:
            page = file.read()
        for name, value in examples().items():
            page = re.sub(rf"(?:@@{name}@@|<!-- {name} -->\n.*?\n<!-- /{name} -->)", lambda _: f"<!-- {name} -->\n{value}\n<!-- /{name} -->", page, flags=re.S)
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(page)
