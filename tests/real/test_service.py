"""The daemon as it runs in an office: its own process, a real Dovecot, a real SMTP dialogue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.world.daemon import Daemon, SmtpThread, parsed, reply, until
from tests.world.dovecot import Dovecot

pytestmark = pytest.mark.real
DEADLINE = (date.today() + timedelta(days=30)).isoformat()


@pytest.fixture
def servers() -> Iterator[tuple[Dovecot, SmtpThread]]:
    with Dovecot() as dovecot, SmtpThread() as smtp:
        yield dovecot, smtp


def test_a_notice_goes_out_and_its_receipt_comes_in(servers: tuple[Dovecot, SmtpThread], tmp_path: Path) -> None:
    dovecot, smtp = servers
    daemon = Daemon.make(tmp_path / "office", dovecot, smtp.server.port)
    daemon.matters(2, DEADLINE)
    with daemon.running():
        daemon.duban("dispatch", "--ready", "--now")
        until(lambda: len(smtp.accepted) == 2, 30, "two 交办 mails")
        mail = parsed(smtp.accepted[0].raw)
        head = str(mail["To"].addresses[0].addr_spec)
        dovecot.deliver(reply(mail, head, "收到，马上安排。", "receipt1"))
        until(lambda: daemon.told("letters", "list")[-1:] and _registered(daemon), 30, "a registered 签收")
    (letter,) = [one for one in daemon.told("letters", "list") if one["state"] == "registered"]
    assert letter["readings"][0]["kind"] == "receipt"
    assert daemon.told("verify")[-1]["faults"] == []


def _registered(daemon: Daemon) -> bool:
    return any(one["state"] == "registered" for one in daemon.told("letters", "list"))


def test_a_second_daemon_waits_for_the_first(servers: tuple[Dovecot, SmtpThread], tmp_path: Path) -> None:
    dovecot, smtp = servers
    daemon = Daemon.make(tmp_path / "office", dovecot, smtp.server.port)
    second = Daemon(daemon.folder)
    second.log = tmp_path / "second.log"
    with daemon.running():
        until(lambda: "ready" in daemon.log.read_text(), 30, "the first is ready")
        second.start()
        until(lambda: "waiting_for_another" in second.log.read_text(), 30, "the second says that it waits")
        assert "ready" not in second.log.read_text()
    until(lambda: "ready" in second.log.read_text(), 30, "the second takes over")
    assert second.stop() == 0
