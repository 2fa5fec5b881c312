"""What holds for every mail: nothing raises, every part is accounted for, ordinary words survive every client."""

from __future__ import annotations

import base64
import quopri
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.reading.conclude import conclude
from daemon.reading.decode import decode
from daemon.reading.htmltext import fold
from daemon.reading.knowing import index
from daemon.reading.read import explain, read
from daemon.reading.shapes import Letter, Part
from daemon.reading.trim import trim
from store import codec
from tests.sets.clients import HABITS, Quoted, html_of, text_of

ARRIVED = datetime(2026, 11, 24, 2, tzinfo=UTC)
SAYINGS = Path(__file__).with_name("sayings.tsv")
SENTENCES = [
    line.split("\t")[2]
    for line in SAYINGS.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#") and line.endswith("。")
]

# ---------------------------------------------------------------------------------------------------------------
# Trees of parts: each leaf holds a word of its own, which must come out somewhere


Tree = tuple[str, list[Any]] | tuple[str, str, str, bool]

LEAVES = st.tuples(
    st.sampled_from(
        ["text/plain", "text/html", "text/calendar", "application/pdf", "message/rfc822", "image/png", "x/y"]
    ),
    st.sampled_from(["utf-8", "gbk", "big5", ""]),
    st.sampled_from(["base64", "quoted-printable", "8bit", ""]),
    st.booleans(),
)
KINDS = st.sampled_from(["mixed", "alternative", "related", "report", "signed", "digest", "appledouble"])
TREES = st.recursive(LEAVES, lambda inner: st.tuples(KINDS, st.lists(inner, min_size=1, max_size=4)), max_leaves=12)


class Built:
    """A tree as bytes; `marks` are the words of its leaves."""

    def __init__(self) -> None:
        self.marks: list[str] = []

    def bytes_of(self, tree: Any) -> bytes:
        if isinstance(tree[1], list):
            boundary = f"b{id(tree)}x{len(self.marks)}".encode()
            inside = b"".join(b"--%s\r\n%s\r\n" % (boundary, self.bytes_of(each)) for each in tree[1])
            kind = tree[0].encode()
            return b'Content-Type: multipart/%s; boundary="%s"\r\n\r\n%s--%s--' % (kind, boundary, inside, boundary)
        kind, charset, way, attached = tree
        mark = f"mark{len(self.marks)}end"
        self.marks.append(mark)
        shown = f"; charset={charset}" if charset else ""
        head = f"Content-Type: {kind}{shown}\r\n" + (f"Content-Transfer-Encoding: {way}\r\n" if way else "")
        head += f'Content-Disposition: attachment; filename="{mark}.x"\r\n' if attached else ""
        data = f"办理 {mark} 情况".encode(charset or "utf-8", "replace")
        if way == "base64":
            data = base64.encodebytes(data)
        elif way == "quoted-printable":
            data = quopri.encodestring(data)
        return head.encode() + b"\r\n" + data


def parts_of(letter: Letter) -> list[Part]:
    return [*letter.parts, *letter.report_parts]


@settings(max_examples=150)
@given(TREES)
def test_every_part_is_accounted_for(tree: Any) -> None:
    built = Built()
    letter = decode(b"From: a@unit.example\r\nSubject: x\r\n" + built.bytes_of(tree), ARRIVED)
    shown = letter.text + letter.html
    for mark in built.marks:
        held = [part for part in parts_of(letter) if mark.encode() in part.data]
        assert (mark in shown) + len(held) >= 1, mark
        assert len(held) <= 1
    assert len(parts_of(letter)) <= len(built.marks)
    assert [part.index for part in letter.parts] == list(range(len(letter.parts)))


@settings(max_examples=60)
@given(TREES)
def test_line_ends_change_nothing_but_themselves(tree: Any) -> None:
    raw = b"From: a@unit.example\r\n" + Built().bytes_of(tree)
    one, other = decode(raw, ARRIVED), decode(raw.replace(b"\r\n", b"\n"), ARRIVED)
    assert (one.text.split(), one.html.split()) == (other.text.split(), other.html.split())
    assert [(p.name, p.media_type) for p in one.parts] == [(p.name, p.media_type) for p in other.parts]


# ---------------------------------------------------------------------------------------------------------------
# Words


WORDS = st.text(
    st.one_of(
        st.sampled_from("收到办结延期至申请第号〔〕2026年12月30日，。；：？！“”（）>-—|&<\n \t　@"),
        st.characters(blacklist_categories=["Cs"]),
    ),
    max_size=300,
)


@settings(max_examples=200)
@given(WORDS, WORDS, WORDS)
def test_no_words_raise(office: Any, words: str, subject: str, page: str) -> None:
    raw = office.raw(words, subject=subject, html=page)
    letter = decode(raw, ARRIVED)
    assert letter == decode(raw, ARRIVED)
    reading = read(letter, (), office.known)
    assert reading == read(letter, (), office.known)
    concluded = conclude(reading, letter, (), office.known, ARRIVED)
    assert concluded.decision in ("register", "queue", "ignore")
    kept = "\n".join([codec.dump(reading), *explain(reading), *map(repr, concluded.commands)])
    kept.encode()
    assert "\\u0000" not in kept


@settings(max_examples=200)
@given(st.binary(max_size=600))
def test_no_bytes_raise_anywhere(office: Any, raw: bytes) -> None:
    letter = decode(raw, ARRIVED)
    reading = read(letter, (), office.known)
    codec.dump(reading).encode()
    conclude(reading, letter, (), office.known, ARRIVED)


SAYING = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True)


@settings(max_examples=100)
@given(SAYING)
def test_ordinary_words_are_not_trimmed(office: Any, said: list[str]) -> None:
    words = "\n".join(said)
    body = trim(office.letter(words), index(office.known)).body
    assert body == words
    assert trim(office.letter(body), index(office.known)).body == body


@pytest.mark.parametrize("client", sorted(HABITS))
@settings(max_examples=15)
@given(SAYING, st.booleans(), st.booleans())
def test_new_words_come_out_of_every_clients_reply(
    office: Any, client: str, said: list[str], signed: bool, page: bool
) -> None:
    school = office.known.school
    lines = (
        "总务处：",
        "　　现将督查督办事项《学生公寓热水系统改造》（松院督字〔2026〕第5号）交由你单位办理，通知单见附件。",
        "　　请主要负责人先行签收，办结后报送办结报告；到期确难办结的，须提前申请延期并写明理由。",
    )
    at = datetime(2026, 11, 20, 9, 5)
    quote = Quoted(
        "督察科", school.mailbox, "联络", "liaison.zw@uni.example", at, "【督办】松院督字〔2026〕第5号", lines
    )
    sign = ["联络", "总务处", "电话：0000-1234567"] if signed else []
    text = text_of(client, said, sign, quote, False)
    shown = html_of(client, said, sign, quote, False) if page and HABITS[client].html else ""
    letter = office.letter("" if shown else text, html=shown)
    assert fold(trim(letter, index(office.known)).body) == fold("".join(said))
