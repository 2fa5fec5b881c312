"""Mails that were right once: bytes flipped, cut, repeated, two mails spliced, labels and boundaries damaged."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Sequence

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
#: No mutation makes a mail longer than this: the huge ones are of tests/fuzz/hostile.py.
MOST = 600_000

_LABELS = [
    b"utf-8",
    b"gbk",
    b"GB2312",
    b"big5",
    b"utf-16",
    b"utf-7",
    b"hz-gb-2312",
    b"iso-2022-cn",
    b"x",
    b"rot13",
    b"",
]
_WAYS = [b"base64", b"quoted-printable", b"8bit", b"7bit", b"x-uuencode", b"binary", b"\xff"]
_TYPES = [
    b"text/plain",
    b"text/html",
    b"multipart/mixed",
    b"multipart/alternative",
    b"multipart/report",
    b"multipart/digest",
    b"message/rfc822",
    b"message/delivery-status",
    b"text/calendar",
    b"application/pdf",
    b"//",
]
_WORDS = [
    "尚未办结",
    "已全部办结",
    "无法按期完成，申请延期至12月30日",
    "第5号",
    "〔2026〕第12号",
    "顺延10个工作日",
    "收到",
    "请贵科",
    "----- 原始邮件 -----",
    "发件人：",
    "> > >",
    "自动回复",
    "除二号楼外",
    "“",
    "（",
    "2026年13月45日",
    "\u202e",
    "\x00",
    "&nbsp;",
    "<div style='display:none'>",
    "</blockquote>",
    "此致\n敬礼",
    "𬭎",
    "\ud7ff",
    "１２月３０日",
]


def flipped(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    out = bytearray(raw)
    for _n in range(dice.choice((1, 3, 10, 60))):
        out[dice.randrange(len(out))] ^= 1 << dice.randrange(8)
    return bytes(out)


def inserted(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(raw) + 1)
    return raw[:at] + dice.randbytes(dice.choice((1, 4, 40, 400))) + raw[at:]


def cut_out(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(raw))
    return raw[:at] + raw[at + dice.choice((1, 10, 100, 1000)) :]


def truncated(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    return raw[: dice.randrange(1, len(raw) + 1)]


def spliced(raw: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one mail and the end of another, cut anywhere or at a line."""
    other = dice.choice(others)
    if dice.random() < 0.5:
        return raw[: dice.randrange(len(raw) + 1)] + other[dice.randrange(len(other)) :]
    one, two = raw.split(b"\n"), other.split(b"\n")
    return b"\n".join(one[: dice.randrange(len(one) + 1)] + two[dice.randrange(len(two)) :])


def within(raw: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """Another mail in the middle of this one."""
    lines = raw.split(b"\n")
    at = dice.randrange(len(lines) + 1)
    return b"\n".join([*lines[:at], dice.choice(others), *lines[at:]])


def _head_and_rest(raw: bytes) -> tuple[list[bytes], bytes]:
    found = re.search(rb"\r?\n\r?\n", raw)
    end = found.start() if found else len(raw)
    return re.split(rb"\r?\n(?![ \t])", raw[:end]), raw[end:]


def headers_doubled(raw: bytes, dice: random.Random, others: Sequence[bytes]) -> bytes:
    """A header twice, or one of another mail beside it, or many times."""
    fields, rest = _head_and_rest(raw)
    theirs, _ = _head_and_rest(dice.choice(others))
    for _n in range(dice.randint(1, 4)):
        fields.insert(dice.randrange(len(fields) + 1), dice.choice(dice.choice((fields, theirs))))
    if dice.random() < 0.1:
        fields += [dice.choice(fields)] * dice.choice((50, 2000))
    return b"\r\n".join(fields) + rest


def headers_shuffled(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    fields, rest = _head_and_rest(raw)
    dice.shuffle(fields)
    return b"\n".join(fields[: dice.randint(1, len(fields))]) + rest


def charset_swapped(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    raw = _somewhere(rb'(?i)(?<=charset=)"?[\w-]+"?', dice.choice(_LABELS), raw, dice)
    return _somewhere(rb"(?i)(?<==\?)[\w-]+(?=\?[bq]\?)", dice.choice(_LABELS), raw, dice)


def type_swapped(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    raw = _somewhere(rb"(?i)(?<=content-type: )[\w/+.-]+", dice.choice(_TYPES), raw, dice)
    return _somewhere(rb"(?i)(?<=transfer-encoding: )[\w-]+", dice.choice(_WAYS), raw, dice)


def boundary_damaged(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    marks = [line for line in raw.split(b"\n") if line.startswith(b"--") and len(line) > 8]
    if not marks:
        return raw
    mark = dice.choice(marks)
    new = dice.choice((b"", mark[:-3], mark + b"x", mark + b"--", b" " + mark, mark * 2, mark + b"\n" + mark))
    return raw.replace(mark, new, dice.choice((1, 2, -1)))


def line_ends_changed(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    one, other = dice.choice(
        ((b"\r\n", b"\n"), (b"\n", b"\r\n"), (b"\n", b"\r"), (b"\n", b"\n\n"), (b"\n", b"\r\r\n"), (b"\n", b" \n"))
    )
    return raw.replace(one, other, dice.choice((1, 5, -1)))


def repeated(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """A stretch many times over: a character, a line, a part."""
    at = dice.randrange(len(raw))
    piece = raw[at : at + dice.choice((1, 2, 20, 200, 2000))]
    return raw[:at] + piece * (dice.choice((10, 1000, 100_000)) // len(piece) + 2) + raw[at:]


_BASE64 = re.compile(rb"(?i)base64\r?\n(?:[\w-]+:[^\n]*\n)*\r?\n([A-Za-z0-9+/=\r\n]{8,60000})")


def words_changed(raw: bytes, dice: random.Random, _: Sequence[bytes]) -> bytes:
    """A text part decoded, other words put in, and encoded again: the mail stays sound, its meaning does not."""
    found = list(_BASE64.finditer(raw))
    if not found:
        at = dice.randrange(len(raw))
        return raw[:at] + dice.choice(_WORDS).encode("utf-8", "replace") * dice.choice((1, 30)) + raw[at:]
    which = dice.choice(found)
    sound = which[1].translate(None, b"\r\n=")
    text = base64.b64decode(sound[: len(sound) // 4 * 4])
    charset = dice.choice(("utf-8", "gb18030"))
    for _n in range(dice.choice((1, 2, 8))):
        at = dice.randrange(len(text) + 1)
        words = dice.choice(_WORDS) * dice.choice((1, 1, 1, 3, 500))
        text = text[:at] + words.encode(charset, "replace") + text[at:]
    return raw[: which.start(1)] + base64.encodebytes(text) + raw[which.end(1) :]


def _somewhere(pattern: bytes, new: bytes, raw: bytes, dice: random.Random) -> bytes:
    found = list(re.finditer(pattern, raw))
    if not found:
        return raw
    which = dice.choice(found)
    return raw[: which.start()] + new + raw[which.end() :]


MUTATIONS: tuple[Mutation, ...] = (
    flipped,
    inserted,
    cut_out,
    truncated,
    spliced,
    within,
    headers_doubled,
    headers_shuffled,
    charset_swapped,
    type_swapped,
    boundary_damaged,
    line_ends_changed,
    repeated,
    words_changed,
    words_changed,
)


def mutated(mails: Sequence[bytes], dice: random.Random) -> bytes:
    """One of the mails after one to five mutations."""
    raw = dice.choice(mails)
    for _ in range(dice.choice((1, 1, 2, 3, 5))):
        raw = dice.choice(MUTATIONS)(raw, dice, mails)[:MOST] or b"\n"
    return raw


def made_up(dice: random.Random, words: Sequence[str]) -> bytes:
    """A mail of random pieces that never was one: from bytes without sense to sentences that nobody means."""
    if dice.random() < 0.2:
        return dice.randbytes(dice.choice((1, 20, 300, 5000)))
    names = (
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"References",
        b"Content-Type",
        b"Auto-Submitted",
        b"Authentication-Results",
        b"Content-Disposition",
        b"Content-Transfer-Encoding",
        b"X-Duban-Token",
    )
    values = (
        b"a@b.example",
        "督察科 <x@y.example>".encode("gb18030"),
        b"=?utf-8?B?5pS25Yiw",
        b"<<>>@",
        b'"',
        b"(((",
        b'multipart/mixed; boundary="b"',
        b"text/html; charset=gbk",
        b"base64",
        b"Tue, 99 Foo 2026 25:61 +9999",
        b"attachment; filename*0*=utf-8''%E5%8A; filename*1*=%9E.pdf",
        b"\xff\xfe",
        b"auto-replied",
        b"yes",
    )
    head = [dice.choice(names) + b": " + dice.choice(values) for _ in range(dice.randint(0, 14))]
    said = "".join(dice.choice(words) for _ in range(dice.randint(0, 40)))
    body = said.encode(dice.choice(("utf-8", "gb18030", "utf-16")), "replace")
    if dice.random() < 0.3:
        body = b"--b\r\n" + body + b"\r\n--b\r\n\r\n" + dice.randbytes(50) + b"\r\n--b--"
    return dice.choice((b"\r\n", b"\n")).join(head) + dice.choice((b"\r\n\r\n", b"\n\n", b"\n", b"")) + body


def invented_words(sentences: Sequence[str]) -> list[str]:
    """Pieces to make sentences of: the given ones cut at their stops, and the words that change a meaning."""
    pieces = [piece for sentence in sentences for piece in re.split(r"(?<=[，。；：])", sentence) if piece]
    return pieces + _WORDS + ["\n", "\n\n", "，", "。", "；"]
