"""Decoding: the repairs that Chinese mail needs, and that no bytes raise."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.reading.decode import clean_name, decode, peek
from daemon.reading.shapes import Letter

ARRIVED = datetime(2026, 11, 24, 2, tzinfo=UTC)
HEAD = b"From: =?utf-8?B?5p2O5a6B?= <LiNing@unit.example>\r\nMessage-ID: <one@unit.example>\r\n"


def mail(head: bytes = b"", body: bytes = b"") -> Letter:
    return decode(HEAD + head + b"\r\n" + body, ARRIVED)


def b64(text: str, charset: str) -> bytes:
    return base64.b64encode(text.encode(charset))


def test_a_character_split_between_two_words() -> None:
    whole = "关于督办".encode("gb18030")
    first, second = base64.b64encode(whole[:3]), base64.b64encode(whole[3:])
    assert mail(b"Subject: =?gb2312?B?" + first + b"?=\r\n =?GBK?B?" + second + b"?=\r\n").subject == "关于督办"


@pytest.mark.parametrize("label", ["gb2312", "x-gbk", "GB_2312-80", "windows-936", "cp936", "ms936", "GBK"])
def test_every_name_of_gbk_is_gb18030(label: str) -> None:
    head = f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: base64\r\n".encode()
    assert mail(head, b64("邨镕瑢收到", "gb18030")).text == "邨镕瑢收到"


@pytest.mark.parametrize(
    ("label", "data", "wanted", "note"),
    [
        ("utf-8", "收到".encode("gbk"), "收到", "charset_mislabelled"),
        ("gb2312", "收到，谢谢".encode(), "收到，谢谢", ""),
        ("iso-8859-1", "收到".encode("gbk"), "收到", "charset_mislabelled"),
        ("unknown-8bit", "收到".encode("gbk"), "收到", "charset_guessed"),
        ("klingon", "收到".encode(), "收到", "charset_unknown"),
        ("punycode", "收到".encode(), "收到", "charset_unknown"),
        ("Unicode_Escape", b"\\u6536", "\\u6536", ""),
        ("iso-2022-cn", b"\x1b$)A\x0eJU5=\x0f", "收到", ""),
        ("hz-gb-2312", "收到".encode("hz"), "收到", ""),
        ("big5", "收到".encode("big5"), "收到", ""),
    ],
)
def test_charsets(label: str, data: bytes, wanted: str, note: str) -> None:
    letter = mail(f"Content-Type: text/plain; charset={label}\r\nContent-Transfer-Encoding: 8bit\r\n".encode(), data)
    if label != "gb2312":
        assert letter.text == wanted
    assert not note or note in letter.notes


def test_raw_eight_bit_headers() -> None:
    assert mail("Subject: 督办回复\r\n".encode("gbk")).subject == "督办回复"
    assert mail("Subject: 督办回复\r\n".encode()).subject == "督办回复"


def test_broken_base64() -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    letter = mail(head, b64("已收到通知单", "utf-8").rstrip(b"=") + b"*")
    assert letter.text == "已收到通知单"
    assert "base64_repaired" in letter.notes


def test_base64_that_goes_on_below_its_padding() -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    letter = mail(head, b64("已收到!", "utf-8") + b"\r\n" + b64("\n本邮件来自校外", "utf-8"))
    assert letter.text == "已收到!\n本邮件来自校外"
    assert "base64_repaired" in letter.notes


def test_a_footer_below_base64_is_no_base64() -> None:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
    letter = mail(head, b64("已收到", "utf-8") + b"==\r\n--\r\nfooter of the list")
    assert letter.text == "已收到"
    assert "base64_repaired" in letter.notes


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ('attachment; filename="=?GBK?B?' + b64("办结报告.pdf", "gbk").decode() + '?="', "办结报告.pdf"),
        ("attachment; filename*=utf-8''%E5%8A%9E%E7%BB%93.pdf", "办结.pdf"),
        ("attachment; filename*0*=gb18030''%B0%EC; filename*1*=%BD%E1.pdf", "办结.pdf"),
        ('attachment; filename="%E5%8A%9E%E7%BB%93.pdf"', "办结.pdf"),
        ('attachment; filename="&#21150;&#32467;.pdf"', "办结.pdf"),
        ('attachment; filename="C:\\Users\\li\\report.pdf"', "report.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="\u202efdp.report.exe"', "fdp.report.exe"),
    ],
)
def test_names(field: str, wanted: str) -> None:
    head = b"Content-Type: application/octet-stream\r\nContent-Disposition: " + field.encode() + b"\r\n"
    assert [p.name for p in mail(head, b"x").parts] == [wanted]


def test_two_names_that_disagree_are_both_kept() -> None:
    head = (
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf; filename*=utf-8''b.pdf\r\n"
    )
    letter = mail(head, b"x")
    assert (letter.parts[0].name, letter.parts[0].other_name) == ("b.pdf", "a.pdf")
    assert "names_disagree" in letter.notes


def test_long_names_keep_their_ending() -> None:
    assert len(clean_name("长" * 400 + ".pdf")) <= 180
    assert clean_name("长" * 400 + ".pdf").endswith(".pdf")


def test_a_nested_mail_is_a_part_named_by_its_subject() -> None:
    inner = b"Subject: =?utf-8?B?" + b64("排查情况", "utf-8") + b"?=\r\n\r\n" + "已办结".encode()
    body = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + "转发".encode()
    body += b"\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n"
    letter = mail(b"Content-Type: multipart/mixed; boundary=b\r\n", body)
    assert letter.text.strip() == "转发"
    assert [p.name for p in letter.parts] == ["排查情况.eml"]


@pytest.mark.parametrize(
    ("date", "hour"),
    [
        ("Tue, 24 Nov 2026 10:00:00 +0800 (CST)", 2),
        ("Tue, 24 Nov 2026 10:00:00 CST", 2),
        ("Tue, 24 Nov 2026 10:00:00", 2),
        ("2026年11月24日 上午10:00", 2),
        ("星期二, 24 十一月 2026 10:00:00 +0800", 2),
        ("Tue, 24 Nov 2026 02:00:00 GMT", 2),
    ],
)
def test_dates(date: str, hour: int) -> None:
    assert mail(f"Date: {date}\r\n".encode()).date == datetime(2026, 11, 24, hour, tzinfo=UTC)


def test_a_spoofed_display_name_is_no_address() -> None:
    letter = decode(b"From: jwc@unit.example <someone@mail.example>\r\n\r\nx", ARRIVED)
    assert letter.from_addresses == ("someone@mail.example",)
    assert letter.from_display == "jwc@unit.example"


def test_several_from_headers_are_counted() -> None:
    letter = decode(b"From: a@unit.example\r\nFrom: b@mail.example\r\n\r\nx", ARRIVED)
    assert (letter.from_headers, letter.from_addresses) == (2, ("a@unit.example", "b@mail.example"))


def test_parts_of_a_report_are_no_attachments() -> None:
    body = b"--b\r\n\r\nfailed\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n--b--"
    letter = mail(b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n", body)
    assert (letter.parts, len(letter.report_parts), letter.report_type) == ((), 1, "delivery-status")


def test_peek_agrees_with_decode() -> None:
    raw = HEAD + b"Subject: =?utf-8?B?5pS25Yiw?=\r\n\r\nx"
    seen = peek(raw)
    assert (seen.message_id, seen.from_address, seen.subject) == ("one@unit.example", "lining@unit.example", "收到")


def storable(letter: Letter) -> None:
    for text in (letter.subject, letter.text, letter.html, letter.from_display, *(p.name for p in letter.parts)):
        text.encode("utf-8")
        assert "\x00" not in text


@given(st.binary(max_size=400))
def test_no_bytes_raise(raw: bytes) -> None:
    storable(decode(raw, ARRIVED))
    peek(raw)


TYPES = [b"text/plain", b"text/html", b"multipart/mixed; boundary=b", b"message/rfc822", b"multipart/report", b"x"]
WAYS = [b"base64", b"quoted-printable", b"8bit", b"x-uuencode", b""]


@settings(max_examples=200)
@given(
    st.sampled_from(TYPES),
    st.sampled_from(WAYS),
    st.sampled_from([b"utf-8", b"gbk", b"utf-7", b"utf-16", b"rot13", b"idna", b"unicode_escape", b"\xff"]),
    st.binary(max_size=200),
)
def test_no_mail_raises(kind: bytes, way: bytes, charset: bytes, body: bytes) -> None:
    head = b"Content-Type: " + kind + b"; charset=" + charset + b"\r\nContent-Transfer-Encoding: " + way + b"\r\n"
    letter = mail(head, b"--b\r\n" + head + b"\r\n" + body + b"\r\n--b--")
    storable(letter)
    assert letter == mail(head, b"--b\r\n" + head + b"\r\n" + body + b"\r\n--b--")


def test_five_thousand_nested_parts_do_not_hang() -> None:
    body = b"x"
    for n in range(5000):
        body = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n%s\r\n--b%d--\r\n' % (n, n, body, n)
    began = time.monotonic()
    letter = decode(body, ARRIVED)
    assert time.monotonic() - began < 10
    assert "too_deep" in letter.notes


@pytest.mark.parametrize(
    "raw",
    [
        b"Subject: " + b"a" * 20_000_000 + b"\r\n\r\nx",
        b"X: y\r\n" * 2_000_000 + b"\r\nx",
        b"From: " + b'"' * 200_001 + b"\r\n\r\nx",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 50_000,
        b"Subject: " + b"=?utf-8?b?5Zue?= " * 100_000 + b"\r\n\r\nx",
    ],
    ids=["long header", "many headers", "quotes", "many parts", "many words"],
)
def test_huge_mails_do_not_hang(raw: bytes) -> None:
    began = time.monotonic()
    decode(raw, ARRIVED)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("piece", [b'"', b"a", b"@", b"a,", b"<", b"<>", b"(", b",", b"a:", b"a@", b"\xff"])
@pytest.mark.parametrize("field", [b"From", b"Message-ID", b"References", b"Cc", b"Content-Type"])
def test_long_fields_cost_little(field: bytes, piece: bytes) -> None:
    raw = field + b": " + piece * (65_000 // len(piece)) + b"\r\n\r\nx"
    began = time.monotonic()
    decode(raw, ARRIVED)
    assert time.monotonic() - began < 3


def test_flowed_lines_are_joined() -> None:
    head = b"Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes\r\n"
    letter = mail(head, "设备已 \r\n到货。\r\n> 引 \r\n> 文\r\n-- \r\n王".encode())
    assert letter.text == "设备已到货。\n> 引 \n> 文\n-- \n王"
    began = time.monotonic()
    mail(head, b"a \r\n" * 300_000)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("charset", ["utf-8", "iso-2022-cn", "gb18030", "hz-gb-2312", "utf-7"])
def test_twenty_megabytes_of_text_cost_seconds(charset: str) -> None:
    began = time.monotonic()
    letter = mail(f"Content-Type: text/plain; charset={charset}\r\n".encode(), b"\xff\xfe" * 10_000_000)
    assert time.monotonic() - began < 8
    assert letter.text
    assert "text_too_long" in letter.notes
