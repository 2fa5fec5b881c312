"""What became of a mail that was sent, written into the history of each matter that it speaks of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from daemon.compose.mime import notice_sha256
from daemon.procedure.shapes import Because, RecordMail, Refusal
from daemon.register import register
from daemon.world import Dice
from store import outbox
from store.outbox import OutboxRow
from store.transaction import Tx

Outcome = Literal["delivered", "refused", "unsure", "settled"]
SETTLED: tuple[Outcome, ...] = ("delivered", "refused", "unsure")


def record(
    tx: Tx, row: OutboxRow, outcome: Outcome, replies: Sequence[str], because: Because, *, now: datetime, dice: Dice
) -> Refusal | None:
    """The histories learn what became of `row`; a Refusal (none is expected) leaves them as they were."""
    done = register(tx, _commands(tx, row, outcome, replies), because, now=now, dice=dice)
    return done if isinstance(done, Refusal) else None


def found(tx: Tx, row: OutboxRow, where: str, *, now: datetime, dice: Dice) -> bool:
    """An unsure mail was found by its token: it has left (promise 7)."""
    if not outbox.settle_unsure(tx, row.id, True, where, now):
        return False
    record(tx, row, "delivered", [where], Because("courier"), now=now, dice=dice)
    return True


def settled_by_person(tx: Tx, row: OutboxRow, delivered: bool, because: Because, *, now: datetime, dice: Dice) -> bool:
    """A person's word on an unsure mail: it has left, or it has not and is sent again."""
    if not outbox.settle_unsure(tx, row.id, delivered, because.actor, now):
        return False
    if delivered:
        record(tx, row, "settled", [], because, now=now, dice=dice)
    return True


def _commands(tx: Tx, row: OutboxRow, outcome: Outcome, replies: Sequence[str]) -> list[RecordMail]:
    """One for each matter of the mail, with the keys of its lines."""
    raw = outbox.raw(tx, row) if row.mail.template == "dispatch" else None
    return [
        RecordMail(
            matter=matter,
            outbox=row.id,
            mail=row.mail.template,
            outcome=outcome,
            recipients=tuple(one.meant or one.address for one in row.recipients if one.field != "bcc"),
            message_id=row.message_id,
            reply="；".join(dict.fromkeys(reply for reply in replies if reply)),
            keys=tuple(line.key for line in row.mail.lines if line.matter == matter and line.key is not None),
            unit=None if row.mail.data.get("passes_on") else row.mail.unit,  # its first reader's thread stays
            notice_sha256=notice_sha256(raw) if raw is not None else "",
        )
        for matter in dict.fromkeys(line.matter for line in row.mail.lines)
    ]
