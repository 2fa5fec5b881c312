"""The simulated clerks: each answers by the diary, over SMTP, as a real reply to the mail that reached them."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.header import decode_header, make_header

import aiosmtplib

from daemon.demo import clients, papers, robots
from daemon.demo.client_looks import Draft, File, Original
from daemon.demo.school import Clerk, Planned, SampleOffice, Task
from daemon.demo.servers import LOOPBACK, Carried, PostOffice

BOUNCES_AFTER = timedelta(minutes=2)
RESENT = "关于{title}办理情况的报告"


@dataclass(frozen=True, slots=True)
class Written:
    """One diary entry as it was sent: the truth about a mail in the Section's mailbox."""

    planned: Planned
    message_id: str
    at: datetime
    sender: str
    subject: str


@dataclass(frozen=True, slots=True)
class Read:
    """A mail of the Section as a clerk's program shows it."""

    carried: Carried
    subject: str
    text: str
    references: tuple[str, ...]
    forms: tuple[tuple[str, bytes], ...]


class Clerks:
    """All units' people: they read what reached their mailboxes and write what the diary says."""

    def __init__(self, school: SampleOffice, post: PostOffice) -> None:
        self.school = school
        self.post = post
        self.written: list[Written] = []
        self.could_not: list[str] = []  # the mail that an entry was to answer never came
        self._read: dict[int, Read] = {}

    def refs(self) -> dict[int, str]:
        """Row of matters.csv → 文号 as printed in our mails; what a clerk can know."""
        found: dict[int, str] = {}
        for carried in self.post.carried:
            if carried.logged_in:
                for row, task in self.school.tasks.items():
                    if row not in found and (ref := _ref_before(self.read(carried).subject, task.title)):
                        found[row] = ref
        return found

    async def write(self, planned: Planned) -> Written | None:
        """Sends one diary entry; None if the mail that it answers never arrived."""
        clerk = self.school.clerk(planned)
        task = self.school.tasks.get(planned.matter)
        answered = self._answered(planned, task)
        if planned.thread != "none" and answered is None:
            self.could_not.append(f"{planned.at:%m-%d %H:%M} {clerk.name}没有收到关于“{_title(task)}”的邮件，无从回复")
            return None
        draft = self._draft(planned, clerk, task, answered)
        if planned.client == "broken":
            message_id, raw = robots.spoilt(draft)
        elif planned.kind == "auto_reply":
            message_id, raw = robots.holiday_reply(draft)
        else:
            message_id, raw = clients.write(planned.client, draft)
        await self._hand_in(clerk.address, raw, planned)
        written = Written(planned, message_id, self.post.now(), clerk.address, draft.subject)
        self.written.append(written)
        return written

    async def bounce(self, carried: Carried, dead: str) -> None:
        """What the mail server sends back for a recipient that it has no mailbox for."""
        subject = self.read(carried).subject
        server = self.school.authserv_id
        message_id, raw = robots.returned_mail(self.school.mailbox, dead, carried.raw, self.post.now(), server)
        await self.post.carry("", [self.school.mailbox], raw, helo=server)
        row = next((t.row for t in self.school.tasks.values() if t.title in subject), 0)
        planned = Planned(0, self.post.now(), row, "", "robot", "coremail", "bounce", "", officer="note")
        self.written.append(Written(planned, message_id, self.post.now(), f"mailer-daemon@{server}", subject))

    def read(self, carried: Carried) -> Read:
        """The mail decoded as any mail program would."""
        if carried.number not in self._read:
            self._read[carried.number] = _decoded(carried)
        return self._read[carried.number]

    def about(self, task: Task, addresses: set[str]) -> list[Read]:
        """Our mails that reached one of `addresses` and speak of the matter, oldest first."""
        own = [c for c in self.post.carried if c.logged_in and addresses & set(c.recipients)]
        return [r for r in map(self.read, own) if task.title in r.subject or task.title in r.text]

    def _answered(self, planned: Planned, task: Task | None) -> Read | None:
        if task is None or planned.thread == "none":
            return None
        if planned.unit:
            addresses = {p.address.lower() for p in self.school.offices[planned.unit].people.values()}
        else:
            addresses = {self.school.clerk(planned).address.lower()}
        came = self.about(task, addresses)
        if not came:
            return None
        return came[-1] if planned.thread == "latest" else came[0]

    def _draft(self, planned: Planned, clerk: Clerk, task: Task | None, answered: Read | None) -> Draft:
        ref = self.refs().get(planned.matter, "")
        reply = clients.STYLES[planned.client].reply if planned.client in clients.STYLES else ""
        subject = planned.subject.replace("{ref}", ref)
        if answered is not None and not subject:
            subject = reply + re.sub(r"^(回复：|答复: |Re: ?)+", "", answered.subject)
        title = RESENT.format(title=_title(task))
        draft = Draft(
            name=clerk.name,
            address=clerk.address,
            to_name="督察科",
            to_address=self.school.mailbox,
            subject=subject,
            words=planned.words.replace("{ref}", ref),
            at=self.post.now(),
            original=_original(answered, self.school) if answered else None,
            signature=self._signature(planned, clerk),
            cloud=f"{title}及照片.zip" if planned.file == "cloud" else "",
            bulk=planned.bulk,
        )
        return replace(draft, files=self._files(planned, title, answered))

    def _signature(self, planned: Planned, clerk: Clerk) -> tuple[str, ...]:
        """落款 of an office, name and telephone of a person; phones sign by themselves, strangers not at all."""
        if planned.client in ("iphone", "qq") or not planned.unit or "@" in planned.by:
            return ()
        office = self.school.offices[planned.unit]
        now = self.post.now()
        day = f"{now.year}年{now.month}月{now.day}日"
        if planned.by == "unit" or planned.client == "coremail":
            return (office.name, day)
        return (clerk.name, f"{self.school.name}{office.name}", f"电话：{office.phone}")

    def _files(self, planned: Planned, title: str, answered: Read | None) -> tuple[File, ...]:
        day = planned.at.date()
        unit = self.school.offices[planned.unit].name if planned.unit else ""
        if planned.file == "pdf":
            return (papers.report_pdf(title, planned.report, unit, day),)
        if planned.file == "docx":
            return (papers.report_docx(title, planned.report, unit, day),)
        if planned.file == "form":
            task = self.school.tasks[planned.matter]
            addresses = {p.address.lower() for p in self.school.offices[planned.unit].people.values()}
            forms = [form for r in self.about(task, addresses) for form in r.forms]
            if not forms:
                self.could_not.append(f"{unit}没有收到“{task.title}”的办结报告表")
                return (papers.report_docx(title, planned.report, unit, day),)
            name, blank = forms[0]
            return (papers.filled_form(blank, name, planned.report),)
        return ()

    async def _hand_in(self, address: str, raw: bytes, planned: Planned) -> None:
        helo = planned.forged or f"mail.{address.partition('@')[2]}"
        client = aiosmtplib.SMTP(hostname=LOOPBACK, port=self.post.smtp_port, local_hostname=helo, start_tls=False)
        async with client:
            await client.sendmail(address, [self.school.mailbox], raw)


def _title(task: Task | None) -> str:
    return task.title if task else ""


def _ref_before(subject: str, title: str) -> str:
    if title not in subject:
        return ""
    found = re.search(r"[^】\s]+字〔\d{4}〕第\d+号", subject)
    return found.group() if found else ""


def _original(read: Read, school: SampleOffice) -> Original:
    return Original(
        message_id=read.carried.message_id,
        references=read.references,
        subject=read.subject,
        at=read.carried.at,
        sender="督察科",
        sender_address=school.mailbox,
        text=read.text,
    )


def _decoded(carried: Carried) -> Read:
    mail = email.message_from_bytes(carried.raw, policy=email.policy.compat32)
    text = ""
    forms = []
    for part in mail.walk():
        name = part.get_filename() or ""
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        if name.lower().endswith(".docx"):
            forms.append((name, data))
        elif part.get_content_type() == "text/plain" and not name and not text:
            text = data.decode(part.get_content_charset() or "utf-8")
    subject = str(make_header(decode_header(mail.get("Subject", ""))))
    references = tuple(one.strip("<>") for one in str(mail.get("References", "")).split())
    return Read(carried, subject, text.replace("\r\n", "\n").rstrip(), references, tuple(forms))
