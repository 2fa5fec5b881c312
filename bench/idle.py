"""Start to ready of `duban serve`, and the memory of the idle daemon with its children, before and after a PDF."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench import looking, post
from tests.world.daemon import SmtpThread, until
from tests.world.dovecot import USER, Dovecot

STARTS = 5


def measure() -> dict[str, Any]:
    """Seconds from the command to its word `ready` (the middle of some starts); MB as the kernel counts them."""
    today = date.today()
    some = post.tasks(24, today)
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder, Dovecot() as dovecot, SmtpThread() as smtp:
        daemon = looking.office(Path(folder) / "office", dovecot, smtp.server.port, some, today)
        starts = []
        for _ in range(STARTS):
            daemon.log.write_text("")
            begun = time.perf_counter()
            daemon.start()
            starts.append(looking.wait_ready(daemon, begun))
            time.sleep(1)
            daemon.stop()
        with daemon.running():
            assert daemon.process is not None
            until(lambda: looking.asked(daemon, "SELECT count(read_at) FROM cursors") > 0, 30, "the first look")
            time.sleep(3)
            idle = looking.memory(daemon.process.pid)
            for piece in post.letters(some, 4, with_pdf="all"):
                dovecot.deliver(piece.raw, user=USER)
            done = "SELECT count(*) FROM letters WHERE state NOT IN ('kept', 'reading')"
            until(lambda: looking.asked(daemon, done) == 4, 60, "the PDFs are read")
            time.sleep(1)
            after = looking.memory(daemon.process.pid)
    return {"ready_s": round(sorted(starts)[STARTS // 2], 2), "idle": idle, "after_pdfs": after}
