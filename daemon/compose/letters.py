"""From a Mail asked for and the matters of that day to the typed context of its template."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from daemon.compose import gather
from daemon.compose.addresses import Reached, listed
from daemon.compose.alarm_words import alarm_words
from daemon.compose.context import (
    AboutLetter,
    Alarm,
    Announced,
    Announcement,
    Closed,
    Dispatch,
    ExtensionDecided,
    LeaderDigest,
    Letter,
    Links,
    MatterFacts,
    Morning,
    Office,
    PhoneCall,
    PhoneHint,
    Received,
    Reminder,
    ReminderLine,
    ReminderList,
    Returned,
    Voided,
)
from daemon.compose.links import links
from daemon.compose.mime import Attachment
from daemon.compose.plain import paragraphs, single_line
from daemon.compose.render import Broken
from daemon.compose.salutation import addressed, named
from daemon.procedure.lamps import late_days
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Assignment, ExtensionAsked, Line, Mail, Matter

#: What is asked of a unit, by the stage's mail, for a line of a list.
ASKED = {
    "ack_reminder": "签收提醒：请主要负责人签收",
    "ack_urge": "签收催办：请尽快签收",
    "progress_check": "进展检查：请简要报告进展",
    "due_soon": "到期提醒：请按期报送办结报告",
    "due_today": "到期：请于到期日24时前报送办结报告",
    "urge_1": "第一次催报：请尽快报送办结报告",
    "urge_2": "第二次催报：请立即报送办结报告或者书面说明原因",
    "intervention_letter": "督办函：请立即报送办结报告",
}
#: Mails that speak to the unit as a whole; other mails to one person greet that person.
_TO_THE_UNIT = frozenset(
    {
        "dispatch",
        "intervention_letter",
        "received",
        "return",
        "extension_decided",
        "closed",
        "voided",
        "verify_sender",
        "answer",
        "ask_file",
    }
)
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
_HOLDERS = {"officer": "经办人", "director": "学校办公室负责人"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One mail to be written: what was asked for, its matters in the order of its lines, and the day it leaves."""

    mail: Mail
    matters: tuple[Matter, ...]
    reached: tuple[Reached, ...]
    rules: Rules
    day: date
    rehearsal: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    bad: frozenset[str] = frozenset()
    numbers: tuple[tuple[str, str], ...] = ()
    announced: tuple[Announced, ...] = ()
    waiting: tuple[Announced, ...] = ()
    web: str = ""

    @property
    def office(self) -> Office:
        return gather.office(self.rules)

    @property
    def line(self) -> Line:
        if not self.mail.lines:
            raise Broken(f"邮件“{self.mail.template}”没有写明是哪一件事项。")
        return self.mail.lines[0]

    @property
    def matter(self) -> Matter:
        """The first line's matter; mails of one matter have no other."""
        if not self.matters:
            raise Broken(f"邮件“{self.mail.template}”没有写明是哪一件事项。")
        return self.matters[0]

    @property
    def unit(self) -> str:
        return self.mail.unit or self.line.unit or self.matter.lead

    @property
    def assignment(self) -> Assignment:
        found = self.matter.assignment(self.unit)
        if found is None:
            raise Broken(f"{gather.unit_name(self.unit, self.rules)}不是这件事项的承办单位。")
        return found

    def word(self, key: str, default: str = "") -> str:
        return "\n".join(paragraphs(self.mail.data.get(key, default)))


def letter(asked: Asked) -> Letter:
    """The context of the mail's template. Broken where the template is not one of ours or its facts are missing."""
    make = _MAKERS.get(asked.mail.template)
    if make is None:
        raise Broken(f"没有名为“{asked.mail.template}”的邮件模板。")
    made = make(asked)
    return replace(made, instead_of=_instead_of(asked)) if asked.mail.data.get("reader") else made


def _instead_of(asked: Asked) -> str:
    """主要负责人马一处长: whom a mail that is passed on was for, by the book of today; else the unit's box."""
    unit, address = asked.rules.units.get(asked.unit), asked.mail.data["reader"]
    people = listed(unit) if unit is not None else []
    return next((who for who, theirs in people if theirs.lower() == address.lower()), "单位邮箱")


# ---------------------------------------------------------------------------------------------------------------
# Whom it greets


def salutation(asked: Asked) -> str:
    """后勤管理处： to the unit, 刘处长：您好！ to one of its people, 周校长： to a leader, 督察科： to the Section."""
    first = next((one for one in asked.reached if one.field == "to"), asked.reached[0])
    person, role = first.person, first.role
    if role in {"head", "deputy", "liaison", "unit"}:
        if asked.mail.template in _TO_THE_UNIT or role == "unit" or person.address in _unit_boxes(asked):
            return f"{gather.unit_name(asked.unit, asked.rules)}："
        return f"{addressed(person.name, person.title)}：您好！"
    if role in {"section", "officer"}:
        return f"{asked.office.section}："
    return f"{addressed(person.name, person.title)}：" if person.name else f"{single_line(person.title)}："


def _unit_boxes(asked: Asked) -> tuple[str, ...]:
    unit = asked.rules.units.get(asked.unit)
    return unit.other_addresses if unit is not None else ()


def _base(asked: Asked) -> tuple[Office, str, date, tuple[str, ...]]:
    return asked.office, salutation(asked), asked.day, asked.rehearsal


def _one(asked: Asked) -> tuple[MatterFacts, Links, str]:
    told = gather.facts(asked.matter, asked.unit, asked.day, asked.rules)
    return told, links(asked.office.mailbox, told.ref, told.title), gather.unit_name(asked.unit, asked.rules)


# ---------------------------------------------------------------------------------------------------------------
# To units


def _dispatch(asked: Asked) -> Letter:
    names = {"pdf": "督查督办通知单", "docx": "办结报告样式", "ics": "要求反馈时间（日历文件）"}
    said = tuple(f"{names[one.name.rpartition('.')[2]]}（{one.name}）" for one in asked.attachments)
    return Dispatch(*_base(asked), *_one(asked), said)


def _reminder(asked: Asked) -> Letter:
    matter = asked.matter
    since = asked.rules.calendar.between(matter.dispatched_on, asked.day) if matter.dispatched_on else 0
    return Reminder(*_base(asked), *_one(asked), since, gather.urged(matter, asked.unit, asked.rules))


def _reminder_list(asked: Asked) -> Letter:
    lines = []
    for line, matter in zip(asked.mail.lines, asked.matters, strict=True):
        told = gather.facts(matter, line.unit or asked.mail.unit, asked.day, asked.rules)
        stage = asked.rules.policy.reminders.stage(line.key.stage) if line.key is not None else None
        lines.append(ReminderLine(told, ASKED.get(stage.mail if stage is not None else "", "请报告办理情况")))
    return ReminderList(*_base(asked), gather.unit_name(asked.unit, asked.rules), tuple(lines))


def _received(asked: Asked) -> Letter:
    asked_for = _extension(asked)
    report = next((one for one in asked.assignment.reports if one.seq == asked.line.seq), None)
    about = asked.mail.data.get("what") or ("extension" if report is None and asked_for is not None else "report")
    if about == "extension" and asked_for is not None:
        return Received(*_base(asked), *_one(asked), "延期申请", asked_for.on, asked_for.new_deadline, asked_for.late)
    return Received(*_base(asked), *_one(asked), "办结报告", report.on if report else asked.day, None, "")


def _extension(asked: Asked) -> ExtensionAsked | None:
    """The request that the mail is about: the one of its entry, else the newest."""
    requests = asked.assignment.extensions
    exact = [one for one in requests if one.seq == asked.line.seq]
    return (exact or list(requests))[-1] if requests else None


def _returned(asked: Asked) -> Letter:
    reasons = tuple(
        words for line in paragraphs(asked.mail.data.get("reasons", "")) for words in re.split("[、；]", line) if words
    )
    return Returned(*_base(asked), *_one(asked), reasons, asked.word("words"), _yes(asked, "for_form"))


def _extension_decided(asked: Asked) -> Letter:
    request = _extension(asked)
    outcome = asked.mail.data.get("outcome")
    granted = outcome == "granted" if outcome else _was_granted(request)
    return ExtensionDecided(*_base(asked), *_one(asked), granted, asked.word("words"), _decider(asked))


def _was_granted(request: ExtensionAsked | None) -> bool:
    if request is None or request.outcome == "waiting":
        raise Broken("延期申请还没有审批结果，不能发出审批通知。")
    return request.outcome == "granted"


def _decider(asked: Asked) -> str:
    """`by` is director, president or a leader's code; 校领导 where the book no longer knows it."""
    by = asked.mail.data.get("by", "")
    if by == "director":
        return "学校办公室负责人"
    leader = asked.rules.president() if by == "president" else asked.rules.leaders.get(by)
    return named(leader.name, leader.title) if leader is not None else "校领导"


def _closed(asked: Asked) -> Letter:
    matter = asked.matter
    closed_on = matter.closed_on or asked.day
    return Closed(*_base(asked), *_one(asked), closed_on, late_days(matter), asked.word("words"))


def _voided(asked: Asked) -> Letter:
    return Voided(*_base(asked), *_one(asked), asked.word("why"))


def _about_letter(asked: Asked) -> Letter:
    data = asked.mail.data
    came_on = date.fromisoformat(data["came_on"]) if data.get("came_on") else asked.day
    sender = single_line(data.get("sender", ""))
    subject = single_line(_LINK.sub("（链接）", data.get("subject", "")), 60)  # a stranger's words under our name
    words, missing = tuple(paragraphs(data.get("words", ""))), data.get("missing", "")
    return AboutLetter(*_base(asked), *_one(asked), sender, subject, came_on, words, missing)


def _yes(asked: Asked, key: str) -> bool:
    return asked.mail.data.get(key, "").lower() in {"true", "yes", "1", "是"}


# ---------------------------------------------------------------------------------------------------------------
# To leaders and to the Section


def _digest(asked: Asked) -> Letter:
    told = [
        gather.facts(matter, line.unit or matter.lead, asked.day, asked.rules, short=True)
        for line, matter in zip(asked.mail.lines, asked.matters, strict=True)
    ]
    told.sort(key=lambda one: -one.overdue)
    audience = "president" if "president" in asked.mail.to else "section" if "section" in asked.mail.to else "leader"
    return LeaderDigest(*_base(asked), tuple(told), audience, _proposals(told) if audience == "president" else ())


def _proposals(told: Sequence[MatterFacts]) -> tuple[str, ...]:
    refs = "、".join(one.ref for one in told)
    return (
        f"{refs}久拖未果，建议由学校领导会同有关部门直接协调督办（《办法》四（四））。",
        "逾期情况已记入督查督办台帐；拟作问责记录，是否问责、采取何种方式，由学校领导决定（《办法》五）。",
    )


def _phone_hint(asked: Asked) -> Letter:
    calls = [_call(asked, line, matter) for line, matter in zip(asked.mail.lines, asked.matters, strict=True)]
    return PhoneHint(*_base(asked), tuple(calls))


def _call(asked: Asked, line: Line, matter: Matter) -> PhoneCall:
    code = line.unit or matter.lead
    people: list[str] = []
    bounced: tuple[str, ...] = ()
    unit = asked.rules.units.get(code)
    if unit is not None:
        if unit.liaison is not None and unit.liaison.name:
            phone = f"，电话 {single_line(unit.liaison_phone)}" if unit.liaison_phone else ""
            people.append(f"联络员 {single_line(unit.liaison.name)}{phone}")
        if unit.head is not None and unit.head.name:
            people.append(f"主要负责人 {named(unit.head.name, unit.head.title)}")
        known = [one.address for one in (unit.liaison, unit.head, unit.deputy) if one is not None and one.address]
        bounced = tuple(address for address in known if address.lower() in asked.bad)
    told = gather.facts(matter, code, asked.day, asked.rules)
    since = asked.rules.calendar.between(matter.dispatched_on, asked.day) if matter.dispatched_on else 0
    return PhoneCall(told, gather.unit_name(code, asked.rules), since, tuple(people), bounced)


def _announcement(asked: Asked) -> Letter:
    return Announcement(*_base(asked), asked.announced, asked.waiting, asked.web)


def _alarm(asked: Asked) -> Letter:
    data = asked.mail.data
    words = alarm_words(data.get("alarm", ""), data.get("detail", ""))
    return Alarm(*_base(asked), words.headline, words.facts, words.todo, asked.web)


def _morning(asked: Asked) -> Letter:
    data = asked.mail.data
    seal_day = date.fromisoformat(data["seal_day"]) if data.get("seal_day") else asked.day
    heads = int(data.get("seal_heads") or 0)
    seal = single_line(data.get("seal", ""))
    return Morning(*_base(asked), asked.numbers, seal_day, heads, seal, asked.announced, asked.waiting, asked.web)


# ---------------------------------------------------------------------------------------------------------------
# What is announced


def announced(
    id: int, mail: Mail, matters: Sequence[Matter], to: Sequence[Reached], leaves_at: datetime, rules: Rules
) -> Announced:
    """One line of the morning's announcement: what leaves, to whom, why."""
    first = next((one for one in to if one.field == "to"), None)
    whom = named(first.person.name, first.person.title) if first is not None else "（没有可用的邮箱）"
    if mail.unit and mail.template == "intervention_letter":
        whom = f"{gather.unit_name(mail.unit, rules)}（{whom}）"
    refs = "、".join(gather.spoken(matter, rules) for matter in matters)
    what = "督办函" if mail.template == "intervention_letter" else "督查督办事项逾期情况"
    why = _why(mail, rules)
    return Announced(id, leaves_at, whom, f"{what}（{len(matters)}件）：{refs}", why, _HOLDERS.get(mail.may_hold, ""))


def _why(mail: Mail, rules: Rules) -> str:
    stages = [rules.policy.reminders.stage(line.key.stage) for line in mail.lines if line.key is not None]
    counted = sorted(
        {stage.wd for stage in stages if stage is not None and stage.source == "deadline" and stage.wd > 0}
    )
    days = "、".join(str(wd) for wd in counted)
    return f"逾期满{days}个工作日，未收到办结报告" if days else "逾期未收到办结报告"


_MAKERS: dict[str, Callable[[Asked], Letter]] = {
    "dispatch": _dispatch,
    "ack_reminder": _reminder,
    "ack_urge": _reminder,
    "phone_hint": _phone_hint,
    "progress_check": _reminder,
    "due_soon": _reminder,
    "due_today": _reminder,
    "urge_1": _reminder,
    "urge_2": _reminder,
    "intervention_letter": _reminder,
    "reminder": _reminder_list,
    "leader_digest": _digest,
    "announcement": _announcement,
    "received": _received,
    "verify_sender": _about_letter,
    "answer": _about_letter,
    "ask_file": _about_letter,
    "return": _returned,
    "extension_decided": _extension_decided,
    "closed": _closed,
    "voided": _voided,
    "alarm": _alarm,
    "morning": _morning,
}
