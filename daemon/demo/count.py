"""Counts the month from outside: by what the mail servers carried, what the clerks' diaries say, and plain arithmetic.

What the program says of itself (its `--json` lists) is compared with that; every disagreement is named, none is
repaired. `findings` empty: the month agrees with the diaries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from daemon.demo.clerks import Written
from daemon.demo.officer import Decided
from daemon.demo.reminded import Judge, Line
from daemon.demo.school import SampleOffice
from daemon.demo.servers import Carried
from daemon.procedure.workdays import SHANGHAI

ANSWERS = ("receipt", "progress", "closure", "extension")
#: What came in after the officer's last session may still wait.
_HALF_A_DAY = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is counted: servers and diaries on the left, the program's own lists on the right."""

    carried: Sequence[Carried]
    mailbox: Sequence[bytes]  # the Section's INBOX and Junk, as they lie there
    written: Sequence[Written]
    decided: Sequence[Decided]
    refs: Mapping[int, str]  # row of matters.csv → 2026-12
    letters: Sequence[Mapping[str, Any]]  # duban letters list --json
    matters: Sequence[Mapping[str, Any]]  # duban matters list --json
    hashes: frozenset[str]  # sha256 of every letter kept
    lines: Mapping[str, tuple[Line, ...]]  # Message-ID of a mail of ours → what it reminds of
    ends: datetime


@dataclass(slots=True)
class Counted:
    """The numbers of the last line, and every disagreement in words."""

    numbers: dict[str, Any] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


def count(seen: Seen, school: SampleOffice) -> Counted:
    """Everything, in the order of the JSON line."""
    counted = Counted()
    _matters(seen, school, counted)
    _registered(seen, school, counted)
    _letters(seen, counted)
    _sent(seen, school, counted)
    return counted


def _matters(seen: Seen, school: SampleOffice, counted: Counted) -> None:
    ours = [c for c in seen.carried if c.logged_in]
    dispatched = {d.matter for d in seen.decided if d.what == "dispatch"}
    counted.numbers["matters"] = len(school.tasks)
    counted.numbers["dispatched"] = len(seen.refs)
    for row in sorted(dispatched - seen.refs.keys()):
        counted.findings.append(f"“{school.tasks[row].title}”已交办，但没有一封交办邮件发出")
    if not ours:
        counted.findings.append("没有一封信发出")
    listed = {str(m["ref"]) for m in seen.matters if m["phase"] in ("running", "closed")}
    for ref in sorted(set(seen.refs.values()) ^ listed):
        counted.findings.append(f"{ref}：邮件服务器与 matters list 对不上（只在一边）")


def _registered(seen: Seen, school: SampleOffice, counted: Counted) -> None:
    """Each diary entry beside its line in `letters list`."""
    by_id = {str(row["message_id"]): row for row in seen.letters if row["state"] not in ("own", "copy")}
    handled = {d.message_id for d in seen.decided if d.message_id}
    told: Counter[str] = Counter()
    for written in seen.written:
        row = by_id.get(written.message_id)
        if row is None:
            continue  # lost, counted below
        planned = written.planned
        if row["state"] == "registered":
            told.update(str(r["kind"]) for r in row["readings"])
        counted.findings.extend(_compare(written, row, seen, school, written.message_id in handled))
        if planned.waits and row["state"] == "registered" and written.message_id not in handled:
            counted.findings.append(f"{_name(written, school)}：本应待人确认，却自行登记了")
    counted.numbers["acknowledged"] = _acknowledged(seen, school, counted)
    counted.numbers["progress"] = told["progress"]
    counted.numbers["reports_registered"] = told["closure"]
    counted.numbers["extensions_registered"] = told["extension"]
    waiting = {str(r["message_id"]) for r in seen.letters if r["state"] == "waiting"}
    counted.numbers["queued"] = len(handled | waiting)


def _compare(written: Written, row: Mapping[str, Any], seen: Seen, school: SampleOffice, handled: bool) -> list[str]:
    planned, name = written.planned, _name(written, school)
    registers = planned.kind in ANSWERS and planned.officer == "confirm"
    if not registers:
        if row["state"] == "registered":
            return [f"{name}：不该登记，却登记了"]
        return []
    if row["state"] != "registered":
        late = seen.ends - written.at < _HALF_A_DAY
        return [] if late and row["state"] == "waiting" else [f"{name}：应登记，却是 {row['state']}"]
    readings = [(r["ref"], r["kind"], r["new_deadline"]) for r in row["readings"]]
    until = planned.until.isoformat() if planned.until else None
    truth = (seen.refs.get(planned.matter), planned.kind, until)
    if readings != [truth]:
        return [f"{name}：日记为 {_said(truth)}，登记为 {'；'.join(map(_said, readings))}"]
    return []


def _acknowledged(seen: Seen, school: SampleOffice, counted: Counted) -> int:
    """Assignments that `matters list` shows as 签收, against those whose unit answered at all."""
    answered = {
        (w.planned.matter, w.planned.unit)
        for w in seen.written
        if w.planned.kind in ANSWERS and w.planned.officer == "confirm"
    }
    rows = {ref: row for row, ref in seen.refs.items()}
    listed = {
        (rows[str(m["ref"])], unit)
        for m in seen.matters
        if str(m["ref"]) in rows
        for unit, at in m["acknowledged"].items()
        if at
    }
    for row, unit in sorted(answered ^ listed):
        side = "答复了，却没有签收记录" if (row, unit) in answered else "没有答复，却有签收记录"
        counted.findings.append(f"{school.offices[unit].name}对“{school.tasks[row].title}”{side}")
    return len(listed)


def _letters(seen: Seen, counted: Counted) -> None:
    """What lies in the Section's mailbox and came from others, against what the program kept: by bytes."""
    own = {sha256(c.delivered).hexdigest() for c in seen.carried if c.logged_in}
    came = {sha256(raw).hexdigest() for raw in seen.mailbox} - own
    lost = came - seen.hashes
    listed = Counter(str(row["message_id"]) for row in seen.letters if row["state"] != "own")
    written = Counter(w.message_id for w in seen.written)
    counted.numbers["letters"] = len(came)
    counted.numbers["letters_lost"] = len(lost)
    for one in sorted(lost):
        counted.findings.append(f"信箱中的来信 {one[:12]} 没有收存")
    for message_id in sorted((written - listed).keys()):
        counted.findings.append(f"来信 <{message_id}> 不在 letters list 中")
    for message_id in sorted((listed - written).keys()):
        counted.findings.append(f"letters list 中的 <{message_id}> 没有人写过")


def _sent(seen: Seen, school: SampleOffice, counted: Counted) -> None:
    ours = [c for c in seen.carried if c.logged_in]
    judge = Judge(school, seen.written, seen.decided)
    stages: Counter[str] = Counter()
    twice: Counter[tuple[str, ...]] = Counter()
    leader_mails = false = 0
    leaders = {leader.address for leader in school.leaders.values()}
    for carried in ours:
        leader_mails += bool(leaders & set(carried.recipients))
        for recipient in carried.recipients:
            twice[("mail", carried.message_id, recipient)] += 1
        for line in seen.lines.get(carried.message_id, ()):
            stages[line.stage] += 1
            for recipient in carried.recipients:
                if recipient != school.mailbox:
                    twice[(str(line.matter), line.unit, line.stage, line.counts_from.isoformat(), recipient)] += 1
            wrong = judge.wrong(line, carried)
            if wrong:
                false += 1
                counted.findings.append(wrong)
    counted.findings.extend(judge.missing(ours, seen.lines, seen.ends))
    repeated = [key for key, times in twice.items() if times > 1]
    counted.findings.extend(f"发了两次：{' '.join(key)}" for key in repeated)
    counted.numbers["sent"] = len(ours)
    counted.numbers["sent_twice"] = len(repeated)
    counted.numbers["reminders"] = dict(sorted(stages.items()))
    counted.numbers["leader_mails"] = leader_mails
    counted.numbers["false_reminders"] = false


def _name(written: Written, school: SampleOffice) -> str:
    task = school.tasks.get(written.planned.matter)
    at = written.at.astimezone(SHANGHAI)
    return f"{at:%m-%d %H:%M} {written.sender}" + (f" 关于“{task.title}”的来信" if task else " 的来信")


def _said(said: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in said if part)
