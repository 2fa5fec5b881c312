"""Broken mails of every sort: reading never raises, never hangs, and leaves only what a store can keep."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from daemon.reading.decode import decode
from daemon.reading.read import explain, read

SWAPS = [b"base64", b"utf-8", b"boundary", b"multipart", b"\r\n", b"text/html", b"=?", b"<div>"]
FOR = [b"", b"x", b"utf-7", b"iso-2022-cn", b"quoted-printable", b"utf-16", b"message/rfc822", b"\n", b"\xb0\xec"]


ASKED = "因缺货，申请延期至12月30日。"
FILES = (("办结报告.docx", b"PK" * 50), ("照片.jpg", b"\xff\xd8" * 50))
ORIGINALS: list[dict[str, Any]] = [
    {"words": "已收到。\n\n-----原始邮件-----\n发件人：x\n主题：y\n时间：z\n请办结"},
    {"words": ASKED, "html": f"<div>{ASKED}</div><blockquote>x</blockquote>"},
    {"words": "办结报告见附件。", "files": FILES},
    {"words": "第5号已办结，第6号正在办理。", "subject": "自动回复: x", "more": "Auto-Submitted: no"},
]


def mutated(raw: bytes, dice: random.Random) -> bytes:
    out = bytearray(raw)
    for _ in range(dice.randint(1, 10)):
        at = dice.randrange(len(out) + 1)
        match dice.randrange(5):
            case 0:
                out[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 20)))
            case 1:
                del out[at : at + dice.randint(1, 200)]
            case 2:
                out[at:at] = out[at : at + dice.randint(1, 300)] * dice.randint(1, 8)
            case 3:
                out[at : at + 1] = bytes([dice.randrange(256)])
            case _:
                out = bytearray(bytes(out).replace(dice.choice(SWAPS), dice.choice(FOR), dice.randint(1, 3)))
    return bytes(out)


@pytest.mark.parametrize("seed", range(40))
def test_broken_mails(office: Any, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(8):
        raw = mutated(office.raw(**dice.choice(ORIGINALS)), dice)
        began = time.monotonic()
        letter = decode(raw, office.letter().arrived_at)
        got = read(letter, (), office.known)
        assert time.monotonic() - began < 10
        "\n".join([got.body, letter.subject, *explain(got), *(a.name for a in got.attachments)]).encode()


HOSTILE = {
    "one long line": "申请延期至12月25日，" * 30_000,
    "one character": "收" * 500_000,
    "line ends": "\n" * 500_000,
    "arrows": ">" * 500_000,
    "dashes": "-" * 500_000,
    "digits": "1" * 300_000,
    "blanks": " " * 500_000 + "x",
    "numbers of ours": "第5号、" * 50_000,
    "quotes": "“" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_do_not_hang(office: Any, name: str) -> None:
    began = time.monotonic()
    got = office.read(HOSTILE[name])
    assert time.monotonic() - began < 10
    assert len(got.said) >= 1


def test_nested_html_does_not_hang(office: Any) -> None:
    began = time.monotonic()
    office.read("", html="<div>" * 100_000 + "收到" + "</div>" * 100_000)
    assert time.monotonic() - began < 10


SLOW_PAGES = {
    "many attributes": "<div " + "".join(f"a{n}=x " for n in range(100_000)) + ">收到</div>",
    "many attributes behind a bracket": "<div a='<' " + "".join(f"a{n} " for n in range(100_000)) + ">收到</div>",
    "many lines": "<p>设备已到货，正在安装。</p>" * 300_000,
}


@pytest.mark.parametrize("name", SLOW_PAGES)
def test_pages_made_to_be_slow_are_not(office: Any, name: str) -> None:
    began = time.monotonic()
    assert office.read("", html=SLOW_PAGES[name]).body
    assert time.monotonic() - began < 10


def test_words_behind_a_bare_bracket_stay_whole(office: Any) -> None:
    words = "温度<5度，" + "设备已到货，正在安装调试" * 600 + "，预计下周完成。"
    assert office.read("", html=f"<p>{words.replace('<', '&lt;')}</p>").body == words


@pytest.mark.parametrize("words", ["一" * 12_000, "7" * 12_000, "第" * 12_000, "已办结" * 4_000])
def test_a_clause_without_end_costs_little(office: Any, words: str) -> None:
    began = time.monotonic()
    office.read(words)
    assert time.monotonic() - began < 10
