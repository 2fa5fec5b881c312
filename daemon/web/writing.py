"""What may be written to a unit because of its letter: 向单位核实, 回复, 请单位补报文件."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Matter
from daemon.web import labels
from store.letters import LetterRow

Kind = Literal["verify_sender", "answer", "ask_file"]
#: Doubts that say the file itself is not here.
NO_FILE = frozenset({"report_missing", "cloud_link_only", "attachment_unreadable"})
#: What an answer may settle with it: the letter asked, and nothing else waits in it.
ASKED = frozenset({"question", "not_ours"})


@dataclass(frozen=True, slots=True)
class Writing:
    """What may be written because of a letter: to which unit about which matter; `told`: what was written before."""

    matter: Matter
    key: str
    unit: str
    unit_name: str
    may: tuple[Kind, ...]
    told: tuple[str, ...]
    settles: bool


def writing(row: LetterRow, matter: Matter | None, rules: Rules) -> Writing | None:
    """None where the letter names no matter that is under way, or came from no unit of ours."""
    reading = row.reading
    if reading is None or matter is None or matter.ref is None or matter.phase not in ("running", "closed"):
        return None
    if any(one.address.lower() == row.from_address for one in rules.leaders.values() if one.address):
        return None
    unit = reading.unit if reading.unit and matter.assignment(reading.unit) else matter.lead
    before = {mail for letter, mail in matter.written if letter == row.id}
    waiting = row.state == "waiting"
    may: list[Kind] = []
    if waiting and not reading.trusted:
        may.append("verify_sender")
    if reading.trusted and row.state in ("waiting", "registered"):
        may.append("answer")
    doubts = {*reading.doubts, *row.why}
    if waiting and reading.trusted and doubts & NO_FILE:
        may.append("ask_file")
    return Writing(
        matter,
        matter.ref.key,
        unit,
        rules.units[unit].short_name if unit in rules.units else unit,
        tuple(kind for kind in may if kind == "answer" or kind not in before),
        tuple(labels.mail(mail) for mail in sorted(before)),
        waiting
        and {said.kind for said in reading.said} <= ASKED
        and bool(reading.said)
        and all(said.matter for said in reading.said),
    )
