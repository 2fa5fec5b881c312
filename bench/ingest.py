"""First start on a full mailbox: letters kept and registered a second, beside the bare floor on the same mailbox."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

from bench import floor, looking, post
from tests.world.daemon import Daemon, SmtpThread
from tests.world.dovecot import PASSWORD, USER, Dovecot

Figures = dict[str, Any]

#: Seconds without a letter kept or settled after which a run is given up.
STALLED = 60
#: By indexes alone, so that looking takes nothing from what is looked at.
_LOOK = "SELECT count(*), (SELECT count(*) FROM letters WHERE state IN ('kept', 'reading')) FROM letters"


def measure(count: int = 10_000) -> dict[str, Figures]:
    """Half of `count` letters without a PDF, half with one, then all `count` mixed; each in a new folder."""
    today = date.today()
    told: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder, Dovecot() as dovecot, SmtpThread() as smtp:
        for name, letters in (("none", count // 2), ("all", count // 2), ("half", count)):
            some = post.tasks(max(1, letters // (2 * post.LETTERS_OF_A_UNIT)), today)
            user = f"bench-{name}@lcnu.example"
            letters = post.fill(dovecot.maildir(user=user), post.letters(some, letters, with_pdf=name))
            _give(dovecot, user)
            bare = floor.intake(dovecot, user, Path(folder) / f"{name}.floor.db")
            office = _office(Path(folder) / name, dovecot, smtp.server.port, user, some, today)
            told[name] = {"letters": letters, "floor_a_second": round(bare, 1), **_first_start(office, letters)}
            told[name]["kept_of_floor"] = round(told[name]["kept_a_second"] / bare, 2)
            told[name]["registered_of_floor"] = round(told[name]["settled_a_second"] / bare, 2)
    return told


def _give(dovecot: Dovecot, user: str) -> None:
    """The mail user owns what was put into his maildir; a first look makes the server index it for both sides."""
    import imaplib
    import os

    owner = (dovecot.folder / "mail").stat()
    home = dovecot.folder / "mail" / user
    for path in (home, *home.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    client = imaplib.IMAP4("127.0.0.1", dovecot.imap)
    client.login(user, PASSWORD)
    client.select("INBOX", readonly=True)
    client.uid("FETCH", "1:*", "(UID RFC822.SIZE INTERNALDATE)")
    client.logout()


def _office(folder: Path, dovecot: Dovecot, smtp: int, user: str, some: list[post.Task], today: date) -> Daemon:
    daemon = looking.office(folder, dovecot, smtp, some, today)
    settings = folder / "duban.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace(f'user = "{USER}"', f'user = "{user}"'), "utf-8")
    return daemon


def _first_start(daemon: Daemon, letters: int) -> Figures:
    """Rates from the first fetch to the last letter kept, and to the last one settled."""
    kept_at = settled_at = 0.0
    moved = (0, 0, time.time())
    daemon.start()
    try:
        with closing(looking.database(daemon)) as base:
            while not settled_at:
                time.sleep(0.1)
                kept, unread = base.execute(_LOOK).fetchone()
                done = kept - unread
                kept_at = kept_at or (time.time() if kept == letters else 0.0)
                settled_at = time.time() if done == letters else 0.0
                if (kept, done) != moved[:2]:
                    moved = (kept, done, time.time())
                if time.time() - moved[2] > STALLED:
                    raise RuntimeError(daemon.log.read_text("utf-8", "replace")[-3000:])
            first = str(base.execute("SELECT min(kept_at) FROM letters").fetchone()[0])
            states = dict(base.execute("SELECT state, count(*) FROM letters GROUP BY state").fetchall())
    finally:
        daemon.stop()
    begun = datetime.fromisoformat(first if "+" in first else f"{first}+00:00").timestamp()
    return {
        "kept_a_second": round(letters / (kept_at - begun), 1),
        "settled_a_second": round(letters / (settled_at - begun), 1),
        "registered_a_second": round(states.get("registered", 0) / (settled_at - begun), 1),
        "states": states,
    }
