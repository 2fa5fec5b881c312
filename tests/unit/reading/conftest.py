"""A small made-up school, and mails to its 督察科 written as bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from daemon.procedure.shapes import Leader, Person, RefNo, School, Unit
from daemon.procedure.workdays import load_calendar
from daemon.reading.decode import decode
from daemon.reading.read import read
from daemon.reading.shapes import Known, KnownMatter, Letter, Opened, Reading, Thread

ARRIVED = datetime(2026, 11, 24, 2, tzinfo=UTC)
NOTICE = b"%PDF-1.7 our notice"
PASS = "mx.uni.example; spf=pass smtp.mailfrom={0}; dmarc=pass header.from=uni.example"


def unit(code: str, name: str, word: str, supervising: str) -> Unit:
    return Unit(
        code,
        name,
        name,
        head=Person(f"{name}长", "处长", f"head.{word}@uni.example"),
        deputy=Person("副职", "", f"deputy.{word}@uni.example"),
        liaison=Person("联络", "", f"liaison.{word}@uni.example"),
        supervising=supervising,
        other_addresses=(f"{word}@uni.example",),
    )


def world(**changes: object) -> Known:
    import hashlib

    digest = hashlib.sha256(NOTICE).hexdigest()
    facts: dict[str, object] = {
        "school": School(
            "松原学院", "松院", "学校办公室", "督察科", "松院督字", "duban@uni.example", "uni.example", "mx.uni.example"
        ),
        "units": (
            unit("A", "总务处", "zw", "L1"),
            unit("B", "学工部", "xg", "L2"),
            unit("C", "图书馆", "lib", "L2"),
        ),
        "leaders": (
            Leader("L1", "高远", "副校长", "gao@uni.example"),
            Leader("L2", "沈静", "副校长", "shen@uni.example"),
            Leader("P", "方正", "校长", "fang@uni.example", principal=True),
        ),
        "matters": (
            matter(5, "学生公寓热水系统改造", "A", ("B",), digest),
            matter(6, "校园照明节能改造", "A", ()),
            matter(7, "勤工助学岗位清理", "B", ()),
        ),
        "threads": {
            "tok5a.1.x@uni.example": Thread(("m5",), "A"),
            "tok5b.1.x@uni.example": Thread(("m5",), "B"),
            "tok6a.1.x@uni.example": Thread(("m6",), "A"),
            "list@uni.example": Thread(("m5", "m6"), "A"),
        },
        "tokens": {"tok5a": Thread(("m5",), "A"), "tok5b": Thread(("m5",), "B"), "tok6a": Thread(("m6",), "A")},
        "calendar": load_calendar(""),
    }
    return Known(**(facts | changes))  # type: ignore[arg-type]


def matter(number: int, title: str, lead: str, supporting: tuple[str, ...], digest: str = "") -> KnownMatter:
    return KnownMatter(
        f"m{number}",
        RefNo(2026, number),
        title,
        lead,
        supporting,
        open=True,
        dispatched_on=date(2026, 11, 2),
        deadline=date(2026, 12, 15),
        notice_sha256=(digest,) if digest else (),
    )


def eml(
    words: str = "收到",
    *,
    sender: str = "liaison.zw@uni.example",
    shown: str = "",
    subject: str = "回复：【督办】松院督字〔2026〕第5号",
    answers: str = "tok5a.1.x@uni.example",
    authentication: str | None = None,
    html: str = "",
    files: tuple[tuple[str, bytes], ...] = (),
    more: str = "",
) -> bytes:
    """One mail; by default a liaison's reply in the thread of matter 5, passed by our own server."""
    result = PASS.format(sender) if authentication is None else authentication
    name = f"=?utf-8?B?{base64.b64encode(shown.encode()).decode()}?= " if shown else ""
    lines = [f"Authentication-Results: {result}"] if result else []
    lines += [f"From: {name}<{sender}>", "To: <duban@uni.example>", "Message-ID: <reply@uni.example>"]
    lines += [f"Subject: =?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="]
    lines += ["Date: Tue, 24 Nov 2026 10:00:00 +0800", *more.splitlines()]
    lines += [f"In-Reply-To: <{answers}>"] if answers else []
    parts = [_part("text/plain; charset=utf-8", words.encode())] if words or not html else []
    if html:
        parts.append(_part("text/html; charset=utf-8", html.encode()))
    body = _join("alternative", "alt", parts) if len(parts) > 1 else parts[0]
    if files:
        attached = [_part("application/octet-stream", data, name) for name, data in files]
        body = _join("mixed", "mix", [body, *attached])
    return "\r\n".join(lines).encode() + b"\r\n" + body


def _part(kind: str, data: bytes, name: str = "") -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
    if name:
        head += f"Content-Disposition: attachment; filename*=utf-8''{_percent(name)}\r\n"
    return head.encode() + b"\r\n" + base64.encodebytes(data)


def _percent(name: str) -> str:
    return "".join(f"%{b:02X}" for b in name.encode())


def _join(kind: str, boundary: str, parts: list[bytes]) -> bytes:
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), p) for p in parts) + f"--{boundary}--\r\n".encode()


@dataclass(frozen=True)
class Office:
    """Reads a mail as the program would."""

    known: Known

    def raw(self, *args: object, **kw: object) -> bytes:
        return eml(*args, **kw)  # type: ignore[arg-type]

    def letter(self, *args: object, **kw: object) -> Letter:
        return decode(eml(*args, **kw), ARRIVED)  # type: ignore[arg-type]

    def read(self, *args: object, opened: tuple[Opened, ...] = (), **kw: object) -> Reading:
        return read(self.letter(*args, **kw), opened, self.known)


@pytest.fixture(scope="session")
def office() -> Office:
    return Office(world())


@pytest.fixture(scope="session")
def office_with() -> Callable[..., Office]:
    return lambda **changes: Office(world(**changes))
