"""A running `duban serve` in a process of its own, against a Dovecot and an SMTP server that count from outside."""

from __future__ import annotations

import asyncio
import contextlib
import email
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.world.dovecot import PASSWORD, USER, Dovecot
from tests.world.smtp_server import Accepted, Script, SmtpServer

SCHOOL = """\
[school]
name = "临川师范学院"
short_name = "临川师院"
office = "学校办公室"
section = "督察科"
ref_prefix = "临师督字"
mailbox = "ducha@lcnu.example"
domain = "lcnu.example"
authserv_id = "mx.lcnu.example"
contact = "钟意"
phone = "0000-5550100"
"""
LEADERS = "编号,姓名,职务,邮箱,主要领导\nL1,白远,校长,l1@lcnu.example,是\nL2,周宁,副校长,l2@lcnu.example,否\n"
_UNIT_HEADER = (
    "单位编号,单位名称,简称,分管校领导,主要负责人,主要负责人职务,主要负责人邮箱,"
    "直接责任人,直接责任人邮箱,联络员,联络员邮箱,联络员电话,其他邮箱"
)
_MATTER_HEADER = (
    "文号,事项,来源,办理要求,主办单位,协办单位,交办时间,要求反馈时间,"
    "学校办公室负责人意见,学校领导意见,主办交办邮件,协办交办邮件,通知单文件"
)
MAILBOX = "ducha@lcnu.example"
#: Our account at the SMTP server.
LOGIN = ("ducha", "secret-of-smtp")
#: The command as installed beside the Python that runs the tests.
DUBAN = str(Path(sys.executable).with_name("duban"))


class SmtpThread:
    """The scripted SMTP server in a thread of its own; `on_mail` hears of each mail it has taken."""

    def __init__(self, on_mail: Callable[[Accepted], None] | None = None, script: Script | None = None) -> None:
        self.server = SmtpServer(script or Script(login=LOGIN))
        self._on_mail = on_mail
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._stop = asyncio.Event()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        seen = 0
        async with self.server:
            self._ready.set()
            while not self._stop.is_set():
                while seen < len(self.server.accepted):
                    seen += 1
                    if self._on_mail is not None:
                        await asyncio.to_thread(self._on_mail, self.server.accepted[seen - 1])
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), 0.02)

    @property
    def accepted(self) -> list[Accepted]:
        return self.server.accepted

    def __enter__(self) -> SmtpThread:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


def parsed(raw: bytes) -> EmailMessage:
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def reply(to: EmailMessage, sender: str, text: str, serial: str) -> bytes:
    """A unit's answer to a mail of ours, stamped by the school's own server."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, MAILBOX
    mail["Subject"] = f"回复：{to['Subject']}"
    mail["Message-ID"] = f"<{serial}@mail.lcnu.example>"
    mail["In-Reply-To"] = mail["References"] = str(to["Message-ID"])
    mail.set_content(text)
    stamp = "Authentication-Results: mx.lcnu.example; dmarc=pass header.from=lcnu.example\r\n"
    return stamp.encode() + mail.as_bytes(policy=policy.SMTP)


@dataclass
class Daemon:
    """A folder and the daemon over it. `duban(...)` runs a command there and returns what it printed."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder.with_name(self.folder.name + ".log")

    @classmethod
    def make(
        cls, folder: Path, dovecot: Dovecot, smtp_port: int, *, units: int = 3, init: tuple[str, ...] = ()
    ) -> Daemon:
        """`duban init`, settings for the two servers, and an address book of `units` units."""
        made = cls(folder)
        lists = folder.with_name(folder.name + ".lists")
        lists.mkdir()
        (lists / "school.toml").write_text(SCHOOL, encoding="utf-8")
        (lists / "leaders.csv").write_text(LEADERS, encoding="utf-8")
        rows = [
            f"U{n:02},单位{n:02},单位{n:02},L2,高{n:02},处长,u{n:02}.head@lcnu.example,高二,u{n:02}.deputy@lcnu.example,"
            f"高三,u{n:02}.liaison@lcnu.example,0000-5550{n:03},u{n:02}@lcnu.example"
            for n in range(1, units + 1)
        ]
        (lists / "units.csv").write_text("\n".join([_UNIT_HEADER, *rows]) + "\n", encoding="utf-8")
        made._run("init", str(folder), "--school", str(lists / "school.toml"), *init)
        (folder / "duban.toml").write_text(
            f"""\
[imap]
host = "127.0.0.1"
port = {dovecot.imap}
user = "{USER}"
password = "{PASSWORD}"
security = "none"
poll_seconds = 2
timeout = 10

[smtp]
host = "127.0.0.1"
port = {smtp_port}
user = "{LOGIN[0]}"
password = "{LOGIN[1]}"
security = "none"
timeout = 10

[web]
port = 0

[outbox]
per_hour = 100000
per_address_per_day = 10000
""",
            encoding="utf-8",
        )
        (folder / "duban.toml").chmod(0o600)
        made.duban("leaders", "import", str(lists / "leaders.csv"))
        made.duban("units", "import", str(lists / "units.csv"))
        return made

    def matters(self, count: int, deadline: str, *, units: int = 3) -> None:
        """`count` matters, approved and not yet dispatched."""
        rows = [
            f",核对第{n}批台账,校长办公会议决定,1.完成核对；2.报送台账。,U{n % units + 1:02},,,{deadline},"
            "拟请办理。,同意。,,,"
            for n in range(1, count + 1)
        ]
        file = self.folder.with_name(self.folder.name + ".lists") / "matters.csv"
        file.write_text("\n".join([_MATTER_HEADER, *rows]) + "\n", encoding="utf-8")
        self.duban("matters", "import", str(file))

    def _run(self, *args: str) -> str:
        done = subprocess.run([DUBAN, *args], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"duban {' '.join(args)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def duban(self, *args: str) -> str:
        return self._run("-C", str(self.folder), *args)

    def told(self, *args: str) -> list[dict[str, Any]]:
        """What a command with --json says, a line each."""
        return [json.loads(line) for line in self.duban(*args, "--json").splitlines() if line.strip()]

    def start(self, *args: str) -> None:
        self.process = subprocess.Popen(
            [DUBAN, "-C", str(self.folder), "serve", *args],
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("ab"),
        )

    def kill(self) -> None:
        """SIGKILL, as a power cut."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(sign)
        return process.wait(30)

    @contextlib.contextmanager
    def running(self) -> Iterator[Daemon]:
        self.start()
        try:
            yield self
        finally:
            self.stop()


def until(what: Callable[[], object], seconds: float, why: str) -> None:
    """Waits until `what()` is true."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {why}")
        time.sleep(0.05)
