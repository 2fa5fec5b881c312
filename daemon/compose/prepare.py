"""A mail asked for becomes its final bytes: who gets it today, its words, its files, its headers.

Everything is decided here and frozen: what leaves later is these bytes or nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from daemon import maillog
from daemon.compose import gather, letters
from daemon.compose.addresses import Reached, reach
from daemon.compose.context import Announced
from daemon.compose.ics import deadline_event
from daemon.compose.mime import Attachment, Headers, Mailbox, make_message
from daemon.compose.notice import typeset
from daemon.compose.render import Broken, renderer
from daemon.compose.report_form import report_docx
from daemon.compose.salutation import named
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Mail, Matter
from daemon.procedure.workdays import day_of
from daemon.world import Dice, Outlook
from store import ledger, outbox, people
from store import letters as incoming
from store.outbox import Addressed, Frozen, OutboxRow
from store.transaction import Tx

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#: Mails of a thread of their own: lists and what goes to leaders or to the Section.
_OWN_THREAD = frozenset({"reminder", "leader_digest", "announcement", "alarm", "morning", "phone_hint"})
_ANNOUNCING = frozenset({"announcement", "morning"})
_PLAIN_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,120}@[A-Za-z0-9.-]{1,120}")
REHEARSAL_MARK = "【演练】"


def compose(tx: Tx, row: OutboxRow, outlook: Outlook, rules: Rules, now: datetime, dice: Dice) -> Frozen:
    """The frozen mail of an outbox row. Broken, with a Chinese text, where it cannot be composed today."""
    moment = max(now, row.not_before)
    gathered = _gather(tx, row, rules, moment)
    mail, asked = row.mail, gathered.asked
    files = _attachments(asked, row.id, outlook, now)
    rehearsal = outlook.rehearsal_address
    asked = replace(
        asked,
        attachments=files,
        web=outlook.web_address,
        rehearsal=tuple(one.shown for one in asked.reached) if rehearsal else (),
    )
    if mail.template in _ANNOUNCING:
        here, waiting = _announced(tx, row.id, rules, asked.day)
        asked = replace(asked, announced=here, waiting=waiting, numbers=_numbers(tx, asked.day))
    words = renderer(outlook.template_folder).render(mail.template, letters.letter(asked))
    token = dice.new_token()
    message_id = _message_id(asked, row.id, token)
    headers = Headers(
        sender=Mailbox(rules.school.mailbox, asked.office.signature),
        to=_boxes(asked.reached, "to", rehearsal),
        cc=() if rehearsal else _boxes(asked.reached, "cc", ""),
        subject=f"{REHEARSAL_MARK if rehearsal else ''}{words.subject}",
        message_id=message_id,
        token=token,
        date=moment,
        references=(*_references(asked), *_answered(tx, mail)),
        rehearsal=bool(rehearsal),
    )
    try:
        raw = make_message(headers, words.text, words.html, files)
    except ValueError as error:
        raise Broken(f"邮件头不能生成，请检查学校邮箱、域名和收件人邮箱：{error}") from error
    recipients = _recipients(asked.reached, rules.school.mailbox, rehearsal)
    return Frozen(message_id, token, headers.subject, raw, gathered.facts, recipients)


def facts(tx: Tx, row: OutboxRow, rules: Rules, now: datetime) -> str:
    """What the mail would rest on now, to compare with `row.facts`: other facts, and it is prepared anew.

    '' where it could not be composed now.
    """
    try:
        return _gather(tx, row, rules, max(now, row.not_before)).facts
    except Broken:
        return ""


# ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Gathered:
    asked: letters.Asked
    facts: str


def _gather(tx: Tx, row: OutboxRow, rules: Rules, moment: datetime) -> _Gathered:
    mail = row.mail
    matters = tuple(_matter(tx, line.matter) for line in mail.lines)
    bad = people.bad(tx)
    reached = reach(mail, rules, bad)
    day = day_of(moment)
    asked = letters.Asked(mail, matters, reached, rules, day, bad=frozenset(bad))
    return _Gathered(asked, _facts(asked))


def _matter(tx: Tx, id: str) -> Matter:
    found = ledger.matter(tx, id)
    if found is None:
        raise Broken(f"台帐中没有编号为“{id}”的事项。")
    return found


def _facts(asked: letters.Asked) -> str:
    """Canonical JSON: day, recipients, and of each matter what its lines in the mail are made of."""
    lines = []
    for line, matter in zip(asked.mail.lines, asked.matters, strict=True):
        told = gather.facts(matter, line.unit or asked.mail.unit, asked.day, asked.rules)
        lines.append(
            [matter.id, line.unit or "", told.deadline.isoformat(), matter.phase, matter.suspended, told.state]
        )
    rests_on = {
        "day": asked.day.isoformat() if asked.mail.template != "dispatch" else "",
        "to": [f"{one.field}:{one.person.address}" for one in asked.reached],
        "lines": lines,
    }
    return json.dumps(rests_on, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _attachments(asked: letters.Asked, id: int, outlook: Outlook, now: datetime) -> tuple[Attachment, ...]:
    template = asked.mail.template
    if template == "dispatch":
        return _dispatch_files(asked, id, outlook, now)
    moved = template == "return" or (template == "extension_decided" and asked.matter.deadline is not None)
    if moved and asked.matter.ref is not None and asked.matter.deadline != asked.matter.first_deadline:
        return (_calendar(asked, asked.matter.ref.file, now),)
    return ()


def _dispatch_files(asked: letters.Asked, id: int, outlook: Outlook, now: datetime) -> tuple[Attachment, ...]:
    matter = asked.matter
    if matter.ref is None:
        raise Broken("事项还没有文号，不能交办。")
    file = matter.ref.file
    form_set = typeset(gather.notice(matter, asked.rules, outlook.notice_secret, asked.day))
    if form_set.missing:
        maillog.no_glyph(id, form_set.missing)
    files = [Attachment(f"{file}-tongzhidan.pdf", "application/pdf", form_set.pdf)]
    if asked.unit == matter.lead:
        form = report_docx(gather.report_form(matter, asked.rules, asked.day))
        files.append(Attachment(f"{file}-banjiebaogao.docx", DOCX, form))
    files.append(_calendar(asked, file, now))
    return tuple(files)


def _calendar(asked: letters.Asked, file: str, now: datetime) -> Attachment:
    told = gather.facts(asked.matter, asked.unit, asked.day, asked.rules)
    event = deadline_event(
        uid=f"{asked.matter.id}.{asked.unit}@{_domain(asked.rules)}",
        title=f"{told.ref} 要求反馈时间：{told.title}",
        deadline=told.deadline,
        description=f"{told.ref} {told.title}\n主办单位：{told.lead}\n请于当日前报送办结报告。",
        organizer=asked.rules.school.mailbox,
        stamp=now,
        sequence=asked.matter.seq,
    )
    parameters = (("method", "PUBLISH"), ("charset", "utf-8"))
    return Attachment(f"{file}-fankuishijian.ics", "text/calendar", event, parameters)


def _announced(tx: Tx, own: int, rules: Rules, day: date) -> tuple[tuple[Announced, ...], tuple[Announced, ...]]:
    """What leaves by itself that day unless held, and what waits for somebody's word."""
    leaves: list[Announced] = []
    waits: list[Announced] = []
    bad = people.bad(tx)
    for row in outbox.at_home(tx):
        if row.id == own or row.mail.release == "automatic" or day_of(row.not_before) > day or row.state == "held":
            continue
        matters = [_matter(tx, line.matter) for line in row.mail.lines]
        told = letters.announced(row.id, row.mail, matters, _reached(row.mail, rules, bad), row.not_before, rules)
        (leaves if row.mail.release == "unless_held" or row.approved else waits).append(told)
    return tuple(leaves), tuple(waits)


def _numbers(tx: Tx, day: date) -> tuple[tuple[str, str], ...]:
    """How everything stands, for the morning mail."""
    matters = [one for one in ledger.open_matters(tx) if not one.suspended]
    overdue = sum(one.deadline is not None and one.deadline < day for one in matters)
    leads = [one.lead_assignment for one in matters]
    mails = outbox.counts(tx)
    trouble = sum(mails.get(state, 0) for state in ("broken", "unsure"))
    return (
        ("在办事项", f"{len(matters)}件"),
        ("其中逾期", f"{overdue}件"),
        ("待审办结报告", f"{sum(one is not None and one.report_waiting for one in leads)}件"),
        ("待批延期申请", f"{sum(one is not None and one.extension_waiting for one in leads)}件"),
        ("待审来信", f"{incoming.counts(tx).get('waiting', 0)}封"),
        ("发不出或不能确定的邮件", f"{trouble}封"),
    )


def _reached(mail: Mail, rules: Rules, bad: dict[str, people.BadAddress]) -> tuple[Reached, ...]:
    try:
        return reach(mail, rules, bad)
    except Broken:  # the announcement says so in its place; the mail itself is shown as broken when it is prepared
        return ()


# ---------------------------------------------------------------------------------------------------------------
# Headers and envelope


def _domain(rules: Rules) -> str:
    return rules.school.domain or rules.school.mailbox.rpartition("@")[2]


def _message_id(asked: letters.Asked, id: int, token: str) -> str:
    """`thread.row.token@domain`: a thread's mails begin with its token, and every mail is known by its own."""
    thread = ""
    if asked.mail.template not in _OWN_THREAD:
        assignment = asked.matter.assignment(asked.unit)
        thread = assignment.token if assignment is not None else ""
    return f"{thread or token}.{id}.{token}@{_domain(asked.rules)}"


def _references(asked: letters.Asked) -> tuple[str, ...]:
    """The 交办 mail of the thread, where one has left."""
    if asked.mail.template in _OWN_THREAD or asked.mail.template == "dispatch":
        return ()
    assignment = asked.matter.assignment(asked.unit)
    first = assignment.message_id.strip().strip("<>") if assignment is not None else ""
    return (first,) if first else ()


def _answered(tx: Tx, mail: Mail) -> tuple[str, ...]:
    """The letter that the mail is about, so that it stands under it; the Message-ID is its sender's: only if plain."""
    row = incoming.show(tx, int(mail.data["letter"])) if mail.data.get("letter") else None
    return (row.message_id,) if row is not None and _PLAIN_ID.fullmatch(row.message_id) else ()


def _boxes(reached: Sequence[Reached], field: str, rehearsal: str) -> tuple[Mailbox, ...]:
    if rehearsal:
        return (Mailbox(rehearsal, "演练收件人"),)
    return tuple(
        Mailbox(one.person.address, named(one.person.name, one.person.title)) for one in reached if one.field == field
    )


def _recipients(reached: Sequence[Reached], mailbox: str, rehearsal: str) -> tuple[Addressed, ...]:
    """The envelope: those of To and Cc, and our own mailbox, where an unsure send can be looked up.

    In a rehearsal every one of them is the one address, and no copy goes anywhere else (promise 10).
    """
    if rehearsal:
        return tuple(Addressed(rehearsal, one.field, one.role, one.person.address) for one in reached)
    envelope = [Addressed(one.person.address, one.field, one.role) for one in reached]
    if all(one.address.lower() != mailbox.lower() for one in envelope):
        envelope.append(Addressed(mailbox, "bcc", "section"))
    return tuple(envelope)
