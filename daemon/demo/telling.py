"""What the timeline says of a mail, a reading or a decision, in Chinese."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from daemon.demo.clerks import Clerks, Written
from daemon.demo.officer import Decided
from daemon.demo.school import SampleOffice
from daemon.demo.servers import Carried
from daemon.demo.timeline import Event
from store.letters import LetterRow
from store.outbox import OutboxRow

Work = Callable[[], Awaitable[None]]

KINDS = {
    "receipt": "签收",
    "progress": "进展",
    "closure": "办结报告",
    "extension": "延期申请",
    "question": "询问",
    "not_ours": "称非本单位职责",
    "leader_instruction": "校领导批示",
    "auto_reply": "自动回复",
    "bounce": "退信",
    "read_receipt": "已读回执",
    "irrelevant": "与办理无关",
    "unreadable": "乱码邮件",
}
#: Template → the timeline's sort and what the mail is.
MAILS = {
    "dispatch": ("交办", "交办，附通知单"),
    "ack_reminder": ("提醒", "签收提醒"),
    "ack_urge": ("提醒", "签收催办"),
    "phone_hint": ("科内", "电话提示：仍未签收"),
    "progress_check": ("提醒", "进展检查"),
    "due_soon": ("提醒", "到期提醒"),
    "due_today": ("提醒", "今日到期"),
    "urge_1": ("催报", "第一次催报"),
    "urge_2": ("催报", "第二次催报"),
    "reminder": ("提醒", "提醒（多项）"),
    "intervention_letter": ("督办", "督办函"),
    "leader_digest": ("领导", "领导汇总"),
    "received": ("回告", "已收到，下一步说明"),
    "return": ("经办", "退回办结报告"),
    "closed": ("回告", "办结通知"),
    "extension_decided": ("回告", "延期答复"),
    "announcement": ("科内", "今日拟发领导的信件预告"),
    "morning": ("科内", "晨报"),
    "alarm": ("科内", "告警"),
}
STATES = {
    "registered": ("登记", "登记"),
    "waiting": ("待审", "待人工确认"),
    "ignored": ("忽略", "不是答复，不登记"),
    "copy": ("忽略", "同一来信的副本"),
    "old": ("忽略", "交办之前的来信"),
}
DECISIONS = {
    "accept": "审查办结报告：同意办结",
    "return": "审查办结报告：退回重报",
    "grant": "同意延期",
    "deny": "不同意延期",
    "confirm": "核实后登记",
    "note": "已阅，电话答复，不登记",
    "refuse": "查明冒名，不予登记",
}


def of_letter(written: Written, school: SampleOffice) -> Event:
    """Somebody wrote to the Section: who, from what program, and how the words begin."""
    planned = written.planned
    name = school.clerk(planned).name if planned.number else "邮件系统"
    unit = school.offices[planned.unit].name if planned.unit else ""
    who = name if unit in ("", name) else f"{unit} {name}"
    if planned.forged or (planned.officer == "refuse"):
        who += f"（冒名，{written.sender}）"
    lines = [line.strip() for line in planned.words.split("\n") if line.strip() and not _salutes(line.strip())]
    words = " ".join(lines) or KINDS.get(planned.kind, "")
    sort = "退信" if planned.kind == "bounce" else "来信"
    return Event(written.at, sort, who, "督察科", words if len(words) <= 40 else words[:39] + "…")


def of_our_mail(carried: Carried, row: OutboxRow | None, clerks: Clerks, school: SampleOffice) -> Event:
    """One of ours left: to whom, what it is, and for which matter."""
    sort, what = MAILS.get(row.mail.template if row else "", ("科内", "发信"))
    whom = "、".join(dict.fromkeys(_name(a, school) for a in carried.recipients if a != school.mailbox)) or "督察科"
    return Event(carried.at, sort, "督察科", whom, f"{what}：{clerks.read(carried).subject}")


def of_reading(row: LetterRow, school: SampleOffice, now: datetime) -> Event:
    """What the program made of a letter."""
    sort, words = STATES[row.state]
    said = row.reading.said if row.reading else ()
    kinds = "、".join(dict.fromkeys(KINDS[one.kind] for one in said)) or "读不出"
    refs = "、".join(dict.fromkeys(f"第{one.ref.number}号" for one in said if one.ref))
    day = next((f"，至{one.new_deadline:%m-%d}" for one in said if one.new_deadline), "")
    office = school.offices.get(row.unit or "")
    who = office.name if office else row.from_address
    return Event(now, sort, who, refs or "（没有对上事项）", f"{words}：{kinds}{day}")


def of_decision(decided: Decided, school: SampleOffice) -> Event | None:
    """What the officer decided; None for a dispatch, whose mails speak for themselves."""
    if decided.what == "dispatch":
        return None
    task = school.tasks.get(decided.matter)
    office = school.offices.get(decided.unit)
    day = f"，时限 {decided.day:%m-%d}" if decided.what in ("grant", "return") and decided.day else ""
    title = f"“{task.title}”" if task else ""
    whom = office.name if office else ""
    return Event(decided.at, "经办", f"经办人 {school.officer}", whom, f"{DECISIONS[decided.what]}{day}　{title}")


def _salutes(line: str) -> bool:
    return line.endswith("：") and len(line) <= 6


def _name(address: str, school: SampleOffice) -> str:
    clerk = school.addresses.get(address)
    if clerk is None:
        return address
    office = school.offices.get(clerk.unit)
    if office is None:
        return f"{clerk.title}{clerk.name}" if clerk.title not in ("督察科",) else clerk.name
    return clerk.name if office.name == clerk.name else f"{office.name} {clerk.name}"
