"""A matter's history as sentences: what came in (←), what went out (→), what was decided here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from daemon.procedure import shapes as law
from daemon.procedure.shapes import Entry
from daemon.web import days, labels

UnitName = Callable[[str | None], str]
Sentence = tuple[str, str]

#: What the machine notes down by itself: no reason to stop a person who fills in a form meanwhile.
_BY_ITSELF = (law.RecordMail, law.Remind, law.WithdrawReminder, law.MarkAddress, law.NoteAutoReply)

#: Roles that are somebody else for each unit.
_OF_UNIT = ("head", "deputy", "liaison", "unit", "supervising_leader", "attached_leader")


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history. `way`: in, out or ''. `undone`: taken back later."""

    seq: int
    at: datetime
    way: str
    text: str
    who: str
    letter: int | None = None
    undone: bool = False
    outbox: int | None = None


def timeline(entries: Sequence[Entry], unit: UnitName, who: Callable[[str], str]) -> tuple[Happened, ...]:
    """The history, newest first."""
    taken_back = {e.command.seq for e in entries if isinstance(e.command, law.Undo)}
    of_seq = {e.seq: e for e in entries}
    lines = []
    for entry in entries:
        way, text = sentence(entry, unit)
        if isinstance(entry.command, law.Undo) and entry.command.seq in of_seq:
            text = f"撤回：{sentence(of_seq[entry.command.seq], unit)[1]}"
        sent = entry.command.outbox if isinstance(entry.command, law.RecordMail) else None
        lines.append(
            Happened(
                entry.seq, entry.at, way, text, who(entry.because.actor), _letter(entry),
                entry.seq in taken_back, sent,
            )
        )  # fmt: skip
    return tuple(reversed(lines))


def _letter(entry: Entry) -> int | None:
    """The letter that it came from, or that we wrote about."""
    return entry.because.letter or (entry.command.letter if isinstance(entry.command, law.WriteUnit) else None)


def moved_on(entries: Sequence[Entry], seq: int, unit: UnitName, who: Callable[[str], str]) -> tuple[str, ...]:
    """What people and letters did to the matter after `seq`: `李静 08:41 已登记为延期申请。`"""
    return tuple(
        f"{who(e.because.actor)} {days.local(e.at):%H:%M} 已登记：{sentence(e, unit)[1]}。"
        for e in entries
        if e.seq > seq and not isinstance(e.command, _BY_ITSELF)
    )


def sentence(entry: Entry, unit: UnitName) -> Sentence:
    """(way, words) of one entry; what a person registered without a letter says how and on which day it came."""
    came = _from_units(entry.command, unit)
    if came is not None:
        return came[0], came[1] + (_by_hand(entry) if entry.because.letter is None else "")
    if isinstance(entry.command, law.Instruct):
        return _instructed(entry, entry.command)
    return _of_reminders(entry.command, unit) or _decided(entry.command, unit)


def _instructed(entry: Entry, command: law.Instruct) -> Sentence:
    """A leader's words are told whole."""
    initiates = "立项" if entry.facts.get("phase") == "ready" else ""
    way = "in" if entry.because.letter is not None else ""
    return way, f"{entry.facts.get('leader') or ''}批示{initiates}：{' '.join(command.words.split())}"


def _from_units(command: object, unit: UnitName) -> Sentence | None:
    match command:
        case law.Acknowledge(unit=code, role=role):
            return "in", f"{unit(code)}签收" + ("（联络员代签）" if role == "liaison" else "")
        case law.ReportProgress(unit=code, words=said, part=part):
            return "in", f"{unit(code)}{'报告部分办结' if part else '报告进展'}：{_short(said)}"
        case law.ReceiveReport(unit=code):
            return "in", f"{unit(code)}报来办结报告"
        case law.AskExtension(unit=code, reason=why, new_deadline=day):
            to = f"至{days.sentence_day(day)}" if day else "（未写明日期）"
            return "in", f"{unit(code)}申请延期{to}" + (f"：{_short(why)}" if why else "")
        case law.NoteLetter(unit=code, kind="refused", words=said):
            return "", f"{unit(code)}来信不予登记：{_short(said)}"
        case law.NoteLetter(unit=code, kind=kind, words=said):
            return "in", f"{unit(code)}来信（{labels.kind(kind)}）：{_short(said)}"
        case law.WriteUnit(unit=code, mail=mail, words=said, role=role):
            by_itself = "（自动）" if role is not None else ""
            return "out", f"{labels.mail(mail)}{by_itself}，发{unit(code)}" + (f"：{_short(said)}" if said else "")
        case law.NoteAutoReply(unit=code, address=address, words=said, away=away, until=day):
            absent = f"，不在岗至{days.sentence_day(day)}" if day else "，不在岗" if away else ""
            return "in", f"{unit(code)}自动回复（{address}{absent}）" + (f"：{_short(said)}" if said else "")
        case law.MarkAddress(address=address, why=why):
            return "in", f"退信：{address} 收不到邮件（{_short(why)}）"
    return None


def _by_hand(entry: Entry) -> str:
    """（电话，11月23日）刘洋处长答应签收"""
    note = entry.because.note
    how = note if note not in ("", "duban") else ""
    on = getattr(entry.command, "on", None)
    day = days.sentence_day(on) if on is not None and on != days.local(entry.at).date() else ""
    words = entry.command.words if isinstance(entry.command, law.Acknowledge | law.ReceiveReport) else ""
    around = "，".join(part for part in (how, day) if part)
    return (f"（{around}）" if around else "") + (f"：{_short(words)}" if how and words else "")


def _of_reminders(command: object, unit: UnitName) -> Sentence | None:
    match command:
        case law.Remind(key=key, to=to):
            whose = unit(key.unit) if to in _OF_UNIT else ""
            return "out", f"{_stage(key)}，发{whose}{labels.role(to)}"
        case law.WithdrawReminder(key=key, why=why):
            return "", f"不再发送：{_stage(key)}（{_why(why)}）"
        case law.HoldReminder(key=key, until=until, why=why):
            return "", f"暂缓发送至{days.sentence_day(until)}：{_stage(key)}。理由：{why}"
        case law.ReleaseReminder(key=key):
            return "", f"恢复发送：{_stage(key)}"
        case law.RecordMail(mail=mail, outcome=outcome, recipients=to):
            word = {"delivered": "已发出", "refused": "被拒收", "unsure": "未知是否发出", "settled": "已核实"}[outcome]
            return "out", f"{labels.mail(mail)}{word}：{'、'.join(to)}"
    return None


def _decided(command: object, unit: UnitName) -> Sentence:
    match command:
        case law.Propose(title=title):
            text = f"拟办：{title}"
        case law.ImportDispatched(dispatched_on=day):
            text = f"导入台帐（{days.sentence_day(day)}已交办）"
        case law.Dispatch():
            text = "交办，发出通知单"
        case law.ReturnReport(unit=code, reasons=reasons, words=words):
            text = f"退回{unit(code)}办结报告：{'、'.join(reasons)}" + (f"。{words}" if words else "")
        case law.Close(words=words):
            text = "办结" + (f"：{_short(words)}" if words else "")
        case law.GrantExtension(new_deadline=day):
            text = f"同意延期至{days.sentence_day(day)}"
        case law.RefuseExtension(why=why):
            text = f"不同意延期：{_short(why)}"
        case law.Suspend(why=why):
            text = f"中止催报：{_short(why)}"
        case law.Resume():
            text = "恢复催报"
        case law.VoidMatter(why=why):
            text = f"作废：{_short(why)}"
        case law.Undo(seq=seq):
            text = f"撤回第{seq}条"
        case _:
            text = type(command).__name__
    return "", text


def _stage(key: law.StageKey) -> str:
    again = f"（第{key.nth}次）" if key.nth > 1 else ""
    return labels.stage(key.stage) + again


def _why(code: str) -> str:
    words = {
        "answered": "单位已答复",
        "overtaken": "已由后一次催报代替",
        "undone": "已撤回",
        "deadline_moved": "时限已变",
    }
    return words.get(code, code)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 80 else plain[:79] + "…"
