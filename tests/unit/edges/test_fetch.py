"""FETCH answers taken apart: by literal, whatever stands in it, whatever order the server likes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.edges.fetch import header_fields, internal_date, items

WHEN = b'"24-Nov-2026 09:30:00 +0800"'


def test_attributes_before_and_after_the_literal() -> None:
    before = (b"1 (UID 7 INTERNALDATE " + WHEN + b" RFC822.SIZE 2 BODY[] {2}", b"ab")
    after = (b"2 (BODY[] {3}", b"abc")
    (one, two) = items([before, b")", after, b" UID 9 RFC822.SIZE 3 INTERNALDATE " + WHEN + b" FLAGS (\\Seen))"])
    assert (one.uid, one.size, one.body) == (7, 2, b"ab")
    assert (two.uid, two.size, two.body) == (9, 3, b"abc")
    assert one.internal_date == two.internal_date == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)


def test_a_flag_change_in_between_is_no_mail() -> None:
    got = list(
        items([(b"1 (UID 7 BODY[] {2}", b"ab"), b")", b"5 (FLAGS (\\Seen))", (b"2 (UID 8 BODY[] {1}", b"c"), b")"])
    )
    assert [(i.uid, i.body) for i in got] == [(7, b"ab"), (8, b"c")]


def test_a_uid_without_data() -> None:
    assert list(items([None])) == []
    (nil,) = items([b"1 (UID 7 RFC822.SIZE 10 BODY[] NIL)"])
    assert (nil.uid, nil.body) == (7, None)
    (bare,) = items([b"1 (UID 7 FLAGS ())"])
    assert bare.body is None


def test_a_quoted_body() -> None:
    (one,) = items([rb'1 (UID 7 BODY[] "a\"b\\c")'])
    assert one.body == rb'a"b\c'
    (empty,) = items([b'1 (UID 7 RFC822.SIZE 0 BODY[] "")'])
    assert empty.body == b""


@given(st.lists(st.tuples(st.integers(1, 2**32 - 1), st.binary(max_size=60)), max_size=5))
def test_nothing_in_a_mail_is_taken_for_the_answer(mails: list[tuple[int, bytes]]) -> None:
    pieces: list[bytes | tuple[bytes, bytes] | None] = []
    for number, (uid, body) in enumerate(mails, 1):
        evil = body + b" UID 1 RFC822.SIZE 5 \r\n3 (BODY[] {4}"
        pieces += [(b"%d (UID %d RFC822.SIZE %d BODY[] {%d}" % (number, uid, len(evil), len(evil)), evil), b")"]
        mails[number - 1] = (uid, evil)
    assert [(i.uid, i.body) for i in items(pieces)] == mails


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17-Jul-1996 02:44:25 -0700", datetime(1996, 7, 17, 9, 44, 25, tzinfo=UTC)),
        (" 1-Dec-2026 00:00:00 +0000", datetime(2026, 12, 1, tzinfo=UTC)),
        ("01-dec-2026 23:59:59 +0800", datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)),
        ("31-Feb-2026 00:00:00 +0000", None),
        ("1-Xyz-2026 00:00:00 +0000", None),
        ("2026-12-01 00:00:00", None),
        ("01-Jan-0001 00:00:00 +0800", None),
        ("01-Jan-2026 00:00:00 +9999", None),
        ("", None),
    ],
)
def test_internal_dates(text: str, expected: datetime | None) -> None:
    assert internal_date(text) == expected


def test_header_fields_unfold() -> None:
    block = b"Message-ID:\r\n <a@b>\r\nX-Duban-Token: tok\r\n\tmore\r\nbroken\r\n\r\n"
    assert header_fields(block) == [("message-id", "<a@b>"), ("x-duban-token", "tok more")]
