"""The process ends at the n-th call of its store, its courier or its mailbox, for every n; then it runs again.

As SQLite tests itself with a malloc that fails: nothing is lost, registered twice or sent twice, wherever it stopped.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon import outcomes, verify
from daemon.procedure.shapes import Because
from daemon.world import Delivery
from store import ledger, letters
from store.transaction import Tx
from tests.world.fakes import FakeCourier
from tests.world.office import SCHOOL, Office

HEAD = "hq.head@lcnu.example"
REPORT = "现将办理情况报告如下：检修管网12处，已全部完成并恢复供热，台账已建立。特此报告。"
#: Every how many calls the process ends; DUBAN_STOP_EVERY=1 takes a quarter of an hour.
EVERY = int(os.environ.get("DUBAN_STOP_EVERY", "11"))
END = "2026-11-03 11:45"


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Death:
    """Comes at the `nth` call of `where`: store, courier or mailbox; before its work is done, or just after."""

    where: str
    nth: int
    after: bool
    calls: Counter[str] = field(default_factory=Counter)
    came: bool = False

    def comes(self, where: str, after: bool) -> None:
        if where == self.where and after == self.after and self.calls[where] == self.nth and not self.came:
            self.came = True
            raise Killed


class CopyingCourier(FakeCourier):
    """Puts our own blind copy into the mailbox, as a mail server does."""

    def __init__(self, office: Office, death: Death) -> None:
        super().__init__()
        self.office, self.death = office, death

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes) -> Sequence[Delivery]:
        self.death.calls["courier"] += 1
        self.death.comes("courier", False)
        done = await super().deliver(sender, recipients, raw)
        if SCHOOL.mailbox in recipients:
            self.office.mailbox.put(raw)
        self.death.comes("courier", True)
        return done


def mortal(office: Office, death: Death) -> None:
    """The office's store, courier and mailbox call `death` each time."""
    writing: Callable[[], AbstractContextManager[Tx]] = office.store.writing
    reach = office.mailbox._reach

    @contextmanager
    def mortal_writing() -> Iterator[Tx]:
        death.calls["store"] += 1
        with writing() as tx:
            yield tx
            death.comes("store", False)
        death.comes("store", True)

    def mortal_reach(call: str) -> None:
        death.calls["mailbox"] += 1
        death.comes("mailbox", False)
        reach(call)

    office.store.writing = mortal_writing  # type: ignore[method-assign]
    office.mailbox._reach = mortal_reach  # type: ignore[method-assign]
    office.courier = office.world.courier = CopyingCourier(office, death)


def live(office: Office, until: str) -> None:
    while True:
        try:
            office.live(until)
        except Killed:
            office.clock.move_to(office.clock.now() + timedelta(seconds=5))
            office.start()
            continue
        return


def settle(office: Office) -> None:
    """A person asks the recipients of what stayed unsure: here none of it has left, or its copy would be there."""
    for row in office.rows():
        if row.state == "unsure":
            assert not any(row.token.encode() in mail.raw for mail in office.mailbox.boxes["INBOX"].mails.values())
            with office.store.writing() as tx:
                because = Because("officer:zhong")
                outcomes.settled_by_person(tx, row, False, because, now=office.clock.now(), dice=office.world.dice)
    office.heard()


def life(office: Office, death: Death) -> None:
    """A notice signed for and reported on, another met by silence until its first reminder."""
    for title in ("供热管网检修", "食堂价格公示"):
        office.propose(title, "2026-11-23")
    mortal(office, death)
    live(office, "2026-11-02 08:20")
    settle(office)
    live(office, "2026-11-02 08:22")
    first = next(mail for mail in office.mails() if "供热管网检修" in str(mail["Subject"]))
    office.answer("收到。", first, HEAD)
    live(office, "2026-11-02 09:10")
    office.answer(REPORT, first, HEAD)
    live(office, "2026-11-03 10:30")
    settle(office)
    live(office, END)


def outcome(office: Office) -> dict[str, Any]:
    """What must be the same wherever the process ended."""
    with office.store.reading() as tx:
        assert verify.verify(tx).faults == ()
        kinds = {
            matter.id: Counter(e.kind for e in ledger.history(tx, matter.id) if e.kind != "mail_recorded")
            for matter in ledger.matters(tx)
        }
        rows = letters.listing(tx, limit=1000)
    ours = Counter(row.state for row in rows if row.state != "own")
    assert len({raw.raw for raw in office.mailbox.boxes["INBOX"].mails.values()}) == len(rows)
    return {"kinds": kinds, "letters": ours}


def told(office: Office) -> Counter[str]:
    """Which mails the server took, by template and matters; a copy sent twice counts twice."""
    by_id = {row.message_id: row.mail for row in office.rows()}
    found: Counter[str] = Counter()
    for mail in office.mails():
        asked = by_id[str(mail["Message-ID"]).strip("<>")]
        about = [asked.data.get(key, "") for key in ("what", "seal_day", "alarm", "detail")]
        found[f"{asked.template} {[line.matter for line in asked.lines]} {about}"] += 1
    return found


def office_at(folder: Path, migrated: Path) -> Office:
    folder.mkdir()
    shutil.copyfile(migrated, folder / "duban.db")
    return Office.open(folder, url=f"sqlite:///{folder}/duban.db")


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("where", "after"), [("store", False), ("store", True), ("courier", False), ("courier", True), ("mailbox", False)]
)
def test_stopped_anywhere(tmp_path: Path, migrated_file: Path, where: str, after: bool) -> None:
    clean = office_at(tmp_path / "clean", migrated_file)
    life(clean, Death("nowhere", 0, False))
    wanted, mails = outcome(clean), told(clean)
    assert set(mails.values()) == {1}
    clean.close()
    nth, every = 1, EVERY if where != "courier" else 1
    while True:
        death = Death(where, nth, after)
        office = office_at(tmp_path / f"{nth}", migrated_file)
        life(office, death)
        assert outcome(office) == wanted, nth
        unsure = [row for row in office.rows() if row.state in ("unsure", "sending")]
        sent = told(office)
        assert max(sent.values()) == 1, (nth, sent)
        assert not unsure, nth
        assert not mails - sent, nth
        office.close()
        shutil.rmtree(tmp_path / f"{nth}")
        if not death.came:
            break
        nth += every
    assert nth > 3
