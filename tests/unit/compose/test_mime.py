"""The bytes of a mail parse back whole, in every reader, and no word can become a header."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from hashlib import sha256
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose.ics import deadline_event
from daemon.compose.links import links
from daemon.compose.mime import Attachment, Headers, Mailbox, make_message, notice_sha256

HEADERS = Headers(
    sender=Mailbox("dcdb@school.example", "学校办公室督察科"),
    to=(Mailbox("liu@school.example", "刘洋处长"),),
    cc=(Mailbox("fang@school.example", "方圆"), Mailbox("plain@school.example", 'Quoted "Name"')),
    subject="【督办】示师督字〔2026〕第12号 学生公寓供热管网检修和报修制度",
    message_id="abcdefghijklmnopqrstuvwx.17.zyxwvutsrqponmlkjihgfedc@school.example",
    token="zyxwvutsrqponmlkjihgfedc",
    date=datetime(2026, 11, 24, 2, 0, tzinfo=UTC),
    references=(
        "abcdefghijklmnopqrstuvwx.1.abcdefghijklmnopqrstuvwxabcdefghijklmnopqrstuvwx@a-rather-long-host.school.example",
    ),
)
FILES = (
    Attachment("2026-012-tongzhidan.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),
    Attachment("2026-012-fankuishijian.ics", "text/calendar", b"BEGIN:VCALENDAR\r\n", (("method", "PUBLISH"),)),
)


def parsed(raw: bytes) -> email.message.EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def test_it_parses_back_whole() -> None:
    message = parsed(make_message(HEADERS, "正文\n第二行\n", "<p>正文</p>\n", FILES))
    assert message["Subject"] == HEADERS.subject
    assert message["From"].addresses[0].display_name == "学校办公室督察科"
    assert [one.addr_spec for one in message["To"].addresses] == ["liu@school.example"]
    assert [one.display_name for one in message["Cc"].addresses] == ["方圆", 'Quoted "Name"']
    assert message["Date"].datetime == HEADERS.date
    assert "+0800" in message["Date"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Duban-Token"] == HEADERS.token
    assert message["List-Unsubscribe"] is None
    assert message.get_content_type() == "multipart/mixed"
    text, page = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert page is not None
    assert text.get_content().splitlines() == ["正文", "第二行"]
    assert text["Content-Transfer-Encoding"] == page["Content-Transfer-Encoding"] == "base64"
    assert [(part.get_filename(), part.get_content_type()) for part in message.iter_attachments()] == [
        ("2026-012-tongzhidan.pdf", "application/pdf"),
        ("2026-012-fankuishijian.ics", "text/calendar"),
    ]
    assert [part.get_payload(decode=True) for part in message.iter_attachments()] == [file.data for file in FILES]
    assert list(message.iter_attachments())[1].get_param("method") == "PUBLISH"


def test_the_notice_in_a_mail_is_known_by_its_hash() -> None:
    assert notice_sha256(make_message(HEADERS, "一", "<p>一</p>", FILES)) == sha256(FILES[0].data).hexdigest()
    assert notice_sha256(make_message(HEADERS, "一", "<p>一</p>", FILES[1:])) == ""


def test_without_files_it_is_a_plain_alternative() -> None:
    assert parsed(make_message(HEADERS, "一", "<p>一</p>")).get_content_type() == "multipart/alternative"


def test_references_are_never_encoded() -> None:
    raw = make_message(HEADERS, "一", "<p>一</p>", FILES)
    assert f"In-Reply-To: <{HEADERS.references[-1]}>\r\n".encode() in raw
    assert f"References: <{HEADERS.references[0]}>\r\n".encode() in raw
    assert f"Message-ID: <{HEADERS.message_id}>\r\n".encode() in raw


def test_it_is_ascii_with_short_lines_and_crlf() -> None:
    raw = make_message(replace(HEADERS, subject="督" * 150), "长" * 5000, "<p>长</p>" * 3000, FILES)
    raw.decode("ascii")
    assert re.search(rb"(?<!\r)\n", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    head = raw.split(b"\r\n\r\n")[0]
    for word in re.findall(rb"=\?[^ ]*\?=", head):
        assert len(word) <= 75
    assert b"filename*" not in raw
    assert str(make_header(decode_header(email.message_from_bytes(raw)["Subject"]))) == "督" * 150


def test_same_mail_same_bytes() -> None:
    assert make_message(HEADERS, "一", "<p>一</p>", FILES) == make_message(HEADERS, "一", "<p>一</p>", FILES)


@given(st.text(max_size=120))
def test_no_subject_or_name_becomes_a_header(words: str) -> None:
    headers = replace(HEADERS, subject=f"【督办】{words}", to=(Mailbox("liu@school.example", words),))
    message = parsed(make_message(headers, "一", "<p>一</p>"))
    assert set(message.keys()) == {
        *("Date", "From", "To", "Cc", "Subject", "Message-ID", "In-Reply-To", "References", "X-Duban-Token"),
        *("Auto-Submitted", "MIME-Version", "Content-Type"),
    }
    assert [one.addr_spec for one in message["To"].addresses] == ["liu@school.example"]


@pytest.mark.parametrize(
    "address", ["刘@school.example", "a@b@c", "a b@school.example", "a@x\r\nBcc: b@x", "", "a,b@x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError):
        make_message(replace(HEADERS, to=(Mailbox(address),)), "一", "<p>一</p>")


@pytest.mark.parametrize("name", ["通知单.pdf", "../a.pdf", "a b.pdf", 'a".pdf', "a\r\n.pdf", ""])
def test_a_file_name_that_is_not_plain_ascii_is_refused(name: str) -> None:
    with pytest.raises(ValueError):
        make_message(HEADERS, "一", "<p>一</p>", (Attachment(name, "application/pdf", b""),))


# -- mailto and calendar ------------------------------------------------------------------------------------------


@given(st.text(max_size=80))
def test_mailto_links_hold_one_subject_whatever_the_title(title: str) -> None:
    made = links("dcdb@school.example", "示师督字〔2026〕第12号", title)
    for link, word in (
        (made.acknowledge, "签收"),
        (made.progress, "报告进展"),
        (made.extension, "申请延期"),
        (made.report, "报送办结报告"),
    ):
        assert link.isascii()
        parts = urlsplit(link)
        assert (parts.scheme, unquote(parts.path)) == ("mailto", "dcdb@school.example")
        query = parse_qs(parts.query, strict_parsing=True)
        assert set(query) <= {"subject", "body"}
        assert query["subject"][0].startswith(f"【{word}】示师督字〔2026〕第12号")
        assert "\n" not in query["subject"][0]


def event(title: str = "题") -> str:
    stamp = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    day = HEADERS.date.date().replace(month=12, day=15)
    return deadline_event("m1.HQ@school.example", title, day, "一,二;三\n四", "dcdb@school.example", stamp, 3).decode()


def test_the_deadline_is_an_all_day_event() -> None:
    lines = event().split("\r\n")
    for line in (
        "METHOD:PUBLISH",
        "UID:m1.HQ@school.example",
        "SEQUENCE:3",
        "DTSTAMP:20261124T020000Z",
        "DTSTART;VALUE=DATE:20261215",
        "DTEND;VALUE=DATE:20261216",
        "SUMMARY:题",
        "DESCRIPTION:一\\,二\\;三\\n四",
    ):
        assert line in lines
    assert "VALARM" not in event()


@given(st.text(max_size=200))
def test_calendar_lines_fold_at_75_octets_and_no_title_adds_a_property(title: str) -> None:
    made = event(title)
    lines = made.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = made.replace("\r\n ", "").split("\r\n")
    names = [line.partition(":")[0].partition(";")[0] for line in unfolded if line]
    assert len(names) == len(event().replace("\r\n ", "").split("\r\n")) - 1
