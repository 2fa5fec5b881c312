"""An ordinary stop finishes the mail in hand: no restart makes a mail unsure."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.world.daemon import LOGIN, Daemon, SmtpThread, until
from tests.world.dovecot import Dovecot
from tests.world.smtp_server import Script

pytestmark = pytest.mark.real


def test_sigterm_during_a_slow_dialogue(tmp_path: Path) -> None:
    with Dovecot() as dovecot, SmtpThread(script=Script(login=LOGIN, slow=4.0)) as smtp:
        daemon = Daemon.make(tmp_path / "office", dovecot, smtp.server.port)
        daemon.matters(1, (date.today() + timedelta(days=30)).isoformat())
        daemon.start()
        daemon.duban("dispatch", "--ready", "--now")
        until(lambda: smtp.accepted, 30, "the text is with the server, its answer is not there yet")
        assert daemon.stop() == 0
        rows = [row["state"] for row in daemon.told("outbox", "list") if row["message_id"]]
    assert "sending" not in rows
    assert "unsure" not in rows
    assert "delivered" in rows
