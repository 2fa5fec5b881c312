"""matters.csv made commands: matters already dispatched, and others still to be.

Two steps: `read` checks every cell and what rows say of one another; `plan` holds them against the ledger, so that the
same file again changes nothing and a row that gained its 批示 is 立项.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from daemon.procedure import refno
from daemon.procedure.initiate import MOST_SUPPORTING
from daemon.procedure.shapes import ImportDispatched, Matter, Propose, RefNo
from daemon.roster import sheets
from daemon.roster.cells import Checker, message_ids, split
from daemon.roster.shapes import BadFile, Row, RowProblem
from daemon.roster.sources import item_of

COLUMNS = (
    "文号",
    "事项",
    "来源",
    "办理要求",
    "主办单位",
    "协办单位",
    "交办时间",
    "要求反馈时间",
    "学校办公室负责人意见",
    "学校领导意见",
    "主办交办邮件",
    "协办交办邮件",
    "通知单文件",
)
#: What a row without 交办时间 must leave empty.
_OF_DISPATCHED = ("主办交办邮件", "协办交办邮件", "通知单文件")


@dataclass(frozen=True, slots=True)
class MatterRow:
    """One row, checked. `dispatched_on` None: still to be dispatched. `message_ids`: lead, then supporting."""

    row: Row
    ref: RefNo | None
    title: str
    source: str
    requirements: str
    lead: str
    supporting: tuple[str, ...]
    dispatched_on: date | None
    deadline: date | None
    director_opinion: str
    leader_opinion: str
    message_ids: tuple[str, ...]
    notice_sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What the ledger lacks of a file. `updated`: drafts whose row changed; `unchanged`: rows it has already."""

    dispatched: tuple[ImportDispatched, ...]
    proposed: tuple[Propose, ...]
    updated: tuple[Propose, ...]
    unchanged: int

    @property
    def commands(self) -> tuple[Propose | ImportDispatched, ...]:
        """Rows that bring their number first, so that none is given twice."""
        drafts = sorted((*self.proposed, *self.updated), key=lambda c: c.ref is None)
        return (*self.dispatched, *drafts)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What rows are checked against."""

    prefix: str  # of the 文号
    units: Collection[str]
    today: date
    leaders: Mapping[str, str] = field(default_factory=dict)  # name → code, to know the 批示人 by his name


def read(path: Path, around: Surroundings) -> list[MatterRow]:
    """The rows of the file; BadFile names every bad cell."""
    sheet = sheets.read(path, COLUMNS[:-3], COLUMNS[-3:])
    check = Checker(sheet.file)
    found = [_row(check, row, around, path.parent) for row in sheet.rows]
    check.unique(
        [(r.row, r.ref.key if r.ref else "") for r in found],
        "文号",
        lambda key: f"文号 {key}",
    )
    if check.problems:
        raise BadFile(sorted(check.problems, key=lambda p: p.row))
    return found


def _row(check: Checker, row: Row, around: Surroundings, folder: Path) -> MatterRow:
    dispatched_on = check.day(row, "交办时间")
    being_dispatched = bool(row["交办时间"])
    lead, supporting = _units(check, row, around.units)
    deadline = check.day(row, "要求反馈时间")
    leader_opinion = check.words(row, "学校领导意见", needed=False)
    if being_dispatched:
        ids = _message_ids(check, row, supporting)
        notice = _notice(check, row, folder)
    else:
        ids, notice = (), ""
        for column in _OF_DISPATCHED:
            if row[column]:
                check.bad(row, column, "已填，而交办时间是空的", "未交办的事项此列为空，或补填交办时间")
    _check_days(check, row, around.today, dispatched_on, deadline, ready=bool(leader_opinion))
    return MatterRow(
        row=row,
        ref=_ref(check, row, around.prefix, needed=being_dispatched),
        title=check.line(row, "事项"),
        source=check.words(row, "来源", needed=False),
        requirements=check.words(row, "办理要求"),
        lead=lead,
        supporting=supporting,
        dispatched_on=dispatched_on,
        deadline=deadline,
        director_opinion=check.words(row, "学校办公室负责人意见", needed=False),
        leader_opinion=leader_opinion,
        message_ids=ids,
        notice_sha256=notice,
    )


def _ref(check: Checker, row: Row, prefix: str, *, needed: bool) -> RefNo | None:
    text = row["文号"]
    if not text:
        if needed:
            check.bad(row, "文号", "是空的，而交办时间已填", f"文号，如 {prefix}〔2026〕第12号")
        return None
    found = refno.parse_one(text, prefix)
    if found is None:
        check.bad(row, "文号", f"是“{text}”", f"本校的文号，如 {prefix}〔2026〕第12号")
    return found


def _units(check: Checker, row: Row, known: Collection[str]) -> tuple[str, tuple[str, ...]]:
    lead = row["主办单位"]
    supporting = split(row["协办单位"])
    if not lead:
        check.bad(row, "主办单位", "是空的", "一个单位编号")
    for column, codes in (("主办单位", (lead,) if lead else ()), ("协办单位", supporting)):
        for code in codes:
            if code not in known:
                some = "、".join(sorted(known)[:30]) or "还没有，请先运行 duban units import"
                check.bad(row, column, f"没有编号为“{code}”的单位", f"已登记的单位编号（{some}）")
    if len(supporting) > MOST_SUPPORTING:
        check.bad(row, "协办单位", f"有 {len(supporting)} 个", f"不多于 {MOST_SUPPORTING} 个")
    if len(set(supporting)) < len(supporting) or lead in supporting:
        check.bad(row, "协办单位", f"是“{row['协办单位']}”，有重复", "每个单位只写一次，不含主办单位")
    return lead, supporting


def _check_days(
    check: Checker, row: Row, today: date, dispatched_on: date | None, deadline: date | None, *, ready: bool
) -> None:
    if dispatched_on is not None:
        if dispatched_on > today:
            check.bad(row, "交办时间", f"是 {dispatched_on}，在今天之后", f"不晚于今天（{today}）；未交办的留空")
        if not row["要求反馈时间"]:
            check.bad(row, "要求反馈时间", "是空的", "日期，如 2026-12-15")
        elif deadline is not None and deadline < dispatched_on:
            check.bad(row, "要求反馈时间", f"是 {deadline}，早于交办时间", f"不早于 {dispatched_on}")
    elif not row["交办时间"] and not row["要求反馈时间"] and ready:
        check.bad(row, "要求反馈时间", "是空的，而学校领导已批示", "日期，如 2026-12-15（时限具体）")


def _message_ids(check: Checker, row: Row, supporting: tuple[str, ...]) -> tuple[str, ...]:
    """In the order (lead, *supporting); '' where the mail is not known."""
    lead = message_ids(row["主办交办邮件"])
    others = message_ids(row["协办交办邮件"])
    if len(lead) > 1:
        check.bad(row, "主办交办邮件", f"有 {len(lead)} 个", "一个 Message-ID")
    if others and len(others) != len(supporting):
        check.bad(row, "协办交办邮件", f"有 {len(others)} 个，协办单位有 {len(supporting)} 个", "与协办单位一一对应")
    for column, ids in (("主办交办邮件", lead), ("协办交办邮件", others)):
        for one in ids:
            if one and ("@" not in one or not one.isascii() or any(c in one for c in " \t\r\n<>") or len(one) > 995):
                check.bad(row, column, f"是“{one}”", "Message-ID，如 <abc@mail.school.example>")
    padded = (*others, *[""] * (len(supporting) - len(others)))
    return (lead[0] if lead else "", *padded)


def _notice(check: Checker, row: Row, folder: Path) -> str:
    """SHA-256 of the notice that was sent, so that it is known when it comes back."""
    name = row["通知单文件"]
    if not name:
        return ""
    path = folder / name
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        check.bad(row, "通知单文件", f"读不到“{name}”", f"{folder} 之下的 PDF 文件")
        return ""


def plan(
    file: str, rows: Sequence[MatterRow], ledger: Collection[Matter], around: Surroundings, new_id: Callable[[], str]
) -> Plan:
    """What the ledger lacks; BadFile where a 文号 is another matter's already, or a new deadline is past."""
    by_ref = {m.ref: m for m in ledger if m.ref is not None}
    named = {row.ref for row in rows if row.ref is not None}
    by_words: dict[tuple[str, ...], list[Matter]] = {}
    for matter in ledger:
        if matter.ref not in named:
            by_words.setdefault(_words(matter), []).append(matter)
    dispatched: list[ImportDispatched] = []
    proposed: list[Propose] = []
    updated: list[Propose] = []
    problems: list[RowProblem] = []
    unchanged = 0
    for row in rows:
        standing = by_ref.get(row.ref) if row.ref else _take(by_words, row)
        waits = standing is None or (standing.phase in _DRAFTS and row.dispatched_on is None)
        other = _past(row, around.today) if waits else _differences(row, standing)
        if other:
            problems += [RowProblem(file, row.row.number, column, found, expected) for column, found, expected in other]
        elif not waits:
            unchanged += 1
        elif standing is None:
            command = _command(row, new_id(), _signed_by(row, around))
            (dispatched if isinstance(command, ImportDispatched) else proposed).append(command)  # type: ignore[arg-type]
        elif (draft := _redrafted(row, standing, _signed_by(row, around))) is not None:
            updated.append(draft)
        else:
            unchanged += 1
    if problems:
        raise BadFile(problems)
    return Plan(tuple(dispatched), tuple(proposed), tuple(updated), unchanged)


_DRAFTS = ("proposed", "ready")


def _redrafted(row: MatterRow, standing: Matter, leader: str | None) -> Propose | None:
    """The draft as the row has it, None where the row says nothing new. An empty cell leaves what stands."""
    draft = Propose(
        matter=standing.id,
        title=row.title,
        source=row.source or standing.source,
        requirements=row.requirements,
        lead=row.lead,
        supporting=row.supporting,
        deadline=row.deadline or standing.deadline,
        director_opinion=row.director_opinion or standing.director_opinion,
        leader_opinion=row.leader_opinion or standing.leader_opinion,
        instructing_leader=leader or standing.instructing_leader,
        source_item=standing.source_item,
        urgent=standing.urgent,
        ref=standing.ref,
    )
    same = all(getattr(standing, name) == getattr(draft, name) for name in _DRAFTED)
    return None if same else draft


_DRAFTED = (
    "title", "source", "requirements", "lead", "supporting", "deadline", "director_opinion", "leader_opinion",
    "instructing_leader",
)  # fmt: skip


def _past(row: MatterRow, today: date) -> list[tuple[str, str, str]]:
    """A matter not yet dispatched needs a deadline to come."""
    if row.dispatched_on is None and row.deadline is not None and row.deadline < today:
        return [("要求反馈时间", f"是 {row.deadline}，早于今天", f"不早于今天（{today}）的日期；已交办的补填交办时间")]
    return []


def _signed_by(row: MatterRow, around: Surroundings) -> str | None:
    """The 批示人, where exactly one leader's name stands in the 批示."""
    found = {code for name, code in around.leaders.items() if name in row.leader_opinion}
    return found.pop() if len(found) == 1 else None


def _words(matter: Matter | MatterRow) -> tuple[str, ...]:
    """What tells a matter without 文号 from others."""
    return (matter.title, matter.source, matter.requirements, matter.lead, *matter.supporting)


def _take(by_words: Mapping[tuple[str, ...], list[Matter]], row: MatterRow) -> Matter | None:
    """The matter of these words, each for one row only, so that two equal rows stay two matters."""
    waiting = by_words.get(_words(row), [])
    return waiting.pop(0) if waiting else None


def _differences(row: MatterRow, standing: Matter | None) -> list[tuple[str, str, str]]:
    """Where the row says another thing than the ledger: column, what was found, what the ledger holds."""
    if standing is None:
        return []
    pairs: list[tuple[str, object, object]] = [
        ("事项", row.title, standing.title),
        ("主办单位", row.lead, standing.lead),
        ("协办单位", "；".join(row.supporting), "；".join(standing.supporting)),
        ("要求反馈时间", row.deadline, standing.first_deadline or standing.deadline),
    ]
    if row.dispatched_on is not None:
        pairs.append(("交办时间", row.dispatched_on, standing.dispatched_on))
    have = f"文号 {row.ref.key} 在台帐中已有" if row.ref else "台帐中已有这一事项"
    return [
        (column, f"{have}，此列不同（是“{found or ''}”）", f"“{held or ''}”；另一事项请用另一文号，更正请在台帐中办理")
        for column, found, held in pairs
        if found != held
    ]


def _command(row: MatterRow, matter: str, leader: str | None) -> Propose | ImportDispatched:
    if row.dispatched_on is not None and row.ref is not None and row.deadline is not None:
        return ImportDispatched(
            matter=matter,
            ref=row.ref,
            title=row.title,
            source=row.source,
            requirements=row.requirements,
            lead=row.lead,
            supporting=row.supporting,
            dispatched_on=row.dispatched_on,
            deadline=row.deadline,
            director_opinion=row.director_opinion,
            leader_opinion=row.leader_opinion,
            source_item=item_of(row.source),
            message_ids=row.message_ids,
            notice_sha256=row.notice_sha256,
        )
    return Propose(
        matter=matter,
        title=row.title,
        source=row.source,
        requirements=row.requirements,
        lead=row.lead,
        supporting=row.supporting,
        deadline=row.deadline,
        director_opinion=row.director_opinion,
        leader_opinion=row.leader_opinion,
        instructing_leader=leader,
        source_item=item_of(row.source),
        ref=row.ref,
    )
