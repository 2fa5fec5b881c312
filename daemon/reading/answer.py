"""Is the letter an answer at all? Robots, receipts, bounces, delay notices and our own copies are none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from daemon.reading.charsets import guess
from daemon.reading.headers import message_ids, one_line
from daemon.reading.knowing import Index
from daemon.reading.mime import read_head, split_head
from daemon.reading.shapes import Finding, Letter, Rule

What = Literal["answer", "own", "bounce", "delayed", "read_receipt", "auto_reply", "calendar", "newsletter"]

ANSWER_RULES: tuple[Rule, ...] = (
    Rule("answer.own", "answer", "我方发出的邮件副本"),
    Rule("answer.bounce", "answer", "退信：投递失败"),
    Rule("answer.delayed", "answer", "延迟投递通知，不是退信"),
    Rule("answer.read_receipt", "answer", "已读回执，不等于签收"),
    Rule("answer.auto_reply", "answer", "自动回复，不等于签收"),
    Rule("answer.calendar", "answer", "日程邀请的答复"),
    Rule(
        "answer.auto_words",
        "answer",
        "机器答复的套话，不等于签收",
        yes=(
            "您好，邮件已收悉，会尽快回复。",
            "您的邮件我已收到，我会尽快处理并回复您。",
            "我正在外地休假，12月1日返岗，急事请联系办公室。",
        ),
        no=(
            "通知单收到，会尽快办理并回复。",
            "收到，马上办",
            "处长出差，下周一返校签收。",
            "您的来信反映的问题已办结，会尽快回复本人。",
        ),
    ),
    Rule("answer.newsletter", "answer", "群发或订阅邮件"),
    Rule(
        "answer.auto_subject",
        "answer",
        "主题是自动回复的写法",
        yes=("自动回复:【督办】", "[自动回复] 外出", "Automatic reply: x", "自动答复: 收到", "Out of Office: x"),
        no=("关于自动回复设置的请示", "回复：自动化学院进展", "Re: 自动回复是否算签收"),
    ),
    Rule(
        "answer.read_subject",
        "answer",
        "主题是已读回执的写法",
        yes=("已读: 【督办】", "已读回执：通知", "Read: 【督办】", "[已读回执] x"),
        no=("已读书活动进展", "回复: 已读", "Reading list"),
    ),
    Rule(
        "answer.bounce_subject",
        "answer",
        "主题是退信的写法",
        yes=(
            "系统退信",
            "来自qq.com的退信",
            "Undelivered Mail Returned to Sender",
            "Mail delivery failed: x",
            "邮件投递失败",
        ),
        no=("关于退信问题的回复", "Delayed Mail (still being retried)", "回复：退回重办"),
    ),
    Rule(
        "answer.delay_subject",
        "answer",
        "主题是延迟投递的写法",
        yes=("Delayed Mail (still being retried)", "邮件延迟投递通知", "Warning: message delayed 4 hours", "投递延迟"),
        no=("关于延期的申请", "项目延迟情况说明"),
    ),
)

_SUBJECTS: dict[str, re.Pattern[str]] = {
    "answer.auto_subject": re.compile(
        r"^\s*+(?:\[|【|\()?\s*+(?:自动(?:回复|答复|應答|应答|回覆)|假期自动回复|auto(?:matic)?[- ]?(?:reply|response)"
        r"|auto\s*:|autoreply|out of (?:the )?office|vacation(?: reply)?|on leave)\s*(?:\]|】|\))?(?=$"
        r"|\s*[:：\]】)]|\s)",
        re.I,
    ),
    "answer.read_subject": re.compile(
        (
            r"^\s*(?:\[|【)?(?:已读(?:回执)?|邮件已读|阅读回执|read(?: receipt)?|return receipt)(?:\]"
            r"|】)?\s*(?:[:：]|(?<=[\]】])|$)"
        ),
        re.I,
    ),
    "answer.bounce_subject": re.compile(
        r"^\s*(?:系统退信|来自\S+的退信|退信(?:通知|提醒|$)|undeliver(?:ed|able)|mail (?:delivery )?(?:failed|failure)"
        r"|delivery status notification \(failure\)|delivery (?:failure|has failed)|failure notice|returned mail"
        r"|邮件?投递失败|邮件(?:发送失败|被退回|无法送达)|未送达|投递失败|无法投递|未能送达)",
        re.I,
    ),
    "answer.delay_subject": re.compile(
        r"^\s*(?:delayed mail|delivery (?:status notification \()?delay|(?:warning: )?(?:message|mail) delayed"
        r"|warning: (?:could not send|message delayed)|(?:邮件)?延迟投递|投递延迟|邮件延迟)",
        re.I,
    ),
}


def hits(rule: str, text: str) -> bool:
    """Whether one of the rules with examples matches its subject or text; the test of the examples calls it too."""
    if rule == "answer.auto_words":
        return len(text) < 120 and not _WORK.search(text) and bool(_STOCK_REPLY.search(text) or _AWAY.search(text))
    return bool(_SUBJECTS[rule].search(text))


_WORK = re.compile(r"通知单|督办|签收|落实|办理|办结|完成|推进|事项|第.{1,6}号|附件|报告|整改|延期")
_STOCK_REPLY = re.compile(
    r"(?:您|你)?的?(?:邮件|来信|来函|信件)[^。！\n]{0,8}(?:已|我)[^。！\n]{0,6}(?:收到|收悉)[^。\n]{0,12}(?:尽快|及时|会|将)[^。\n]{0,10}(?:回复|答复|联系)"
)
_AWAY = re.compile(
    r"(?:休假|出差|外出|产假|病假|年假|度假|培训|封闭|会议期间)[^\n]{0,40}(?:急事|紧急|要事)[^\n]{0,6}(?:请|可)?(?:联系|电|致电|拨打|找)"
)
_CALENDAR_REPLY = re.compile(r"^\s*(?:已?接受|已?谢绝|已?拒绝|暂定(?:接受)?|accepted|declined|tentative)\s*[:：]", re.I)


_ROBOT_LOCAL = re.compile(
    r"^(?:mailer-daemon|postmaster|mail-?daemon|bounces?|noreply-?bounce|mdaemon)(?:[+.-].*)?@", re.I
)
_ROBOT_NAME = re.compile(r"no-?reply|donotreply|newsletter|notification", re.I)
_BOUNCE_WORDS = re.compile(
    r"邮件被退回|被退回来|退信原因|退信代码|投递失败|无法送达|无法投递|bounce reason|could not be delivered"
    r"|returned to sender"
    r"|delivery (?:has )?failed|undeliverable|user (?:unknown|not found)|recipient (?:does not exist|address rejected)",
    re.I,
)
_READ_WORDS = re.compile(
    (
        r"阅读了您(?:发送)?的|(?:您的邮件|邮件).{0,120}(?:已于|已经?被).{0,80}(?:被?阅读|打开)|已被阅读"
        r"|was read on|has been read|displayed on"
    ),
    re.I | re.S,
)
_AUTO_BODY = re.compile(
    r"^\s*(?:\[|【|（|\()?(?:此|本|该|这)?(?:邮件)?(?:是|为|系)?(?:系统)?自动(?:回复|答复|发送)"
    r"|(?:这|此|本邮件|本信)(?:是|为|系)(?:一封)?(?:系统)?自动|this is an auto(?:matic|mated)?[ -]?(?:reply"
    r"|response|generated)",
    re.I,
)
_ADDRESS = re.compile(r"(?<![a-z0-9._%+-])[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.I)


@dataclass(frozen=True, slots=True)
class Answered:
    what: What
    findings: tuple[Finding, ...]
    bounced: tuple[str, ...] = ()  # addresses that failed for good
    about: tuple[str, ...] = ()  # Message-IDs that the robot speaks of


def _found(rule: str, value: str, quote: str, where: str) -> tuple[Finding, ...]:
    return (Finding(rule, value, quote[:120], where),)


def look(letter: Letter, shown_text: str, new_words: str, idx: Index) -> Answered:
    """What kind of letter it is. `shown_text`: its text (or the text of its HTML) before any trimming."""
    header = dict(reversed(letter.headers))
    shown_text = shown_text[:50_000]
    about = _about(letter, header, shown_text)
    address = letter.from_addresses[0] if letter.from_addresses else ""
    token = header.get("x-duban-token", "")
    if address in idx.own and (token in idx.known.tokens or letter.message_id in idx.threads):
        return Answered("own", _found("answer.own", "own", token, "header"))
    if letter.content_type == "multipart/report" or letter.report_parts:
        got = _report(letter, about)
        if got:
            return got
    if hits("answer.delay_subject", letter.subject) and _robot(address):
        return Answered("delayed", _found("answer.delayed", "delayed", letter.subject, "subject"), (), about)
    if _robot(address) or (hits("answer.bounce_subject", letter.subject) and _BOUNCE_WORDS.search(shown_text)):
        return Answered(
            "bounce",
            _found("answer.bounce", "bounce", letter.subject, "subject"),
            _failed_addresses(shown_text, idx),
            about,
        )
    got = _receipt_or_auto(letter, header, shown_text, new_words, about)
    if got:
        return got
    calendar = next((p for p in letter.parts if p.media_type == "text/calendar"), None)
    answered = calendar is not None and re.search(rb"^METHOD:\s*(?:REPLY|COUNTER)", calendar.data, re.M | re.I)
    if answered or (_CALENDAR_REPLY.match(letter.subject) and not new_words.strip()):
        return Answered("calendar", _found("answer.calendar", "calendar", letter.subject, "attachment"), (), about)
    if ("list-unsubscribe" in header or header.get("precedence", "").lower() in ("bulk", "list", "junk")) and not (
        letter.in_reply_to or letter.references
    ):
        return Answered("newsletter", _found("answer.newsletter", "newsletter", letter.subject, "header"), (), about)
    return Answered("answer", (), (), about)


def _robot(address: str) -> bool:
    return bool(_ROBOT_LOCAL.match(address))


def _receipt_or_auto(
    letter: Letter, header: dict[str, str], text: str, new_words: str, about: tuple[str, ...]
) -> Answered | None:
    if header.get("x-coremail-readreceipt") or header.get("x-read-receipt"):
        return Answered(
            "read_receipt", _found("answer.read_receipt", "read_receipt", letter.subject, "header"), (), about
        )
    if hits("answer.read_subject", letter.subject) and _READ_WORDS.search(text[:2000]):
        return Answered(
            "read_receipt", _found("answer.read_receipt", "read_receipt", letter.subject, "subject"), (), about
        )
    auto = header.get("auto-submitted", "").lower().split(";")[0].strip()
    sign = ""
    if auto and auto != "no":
        sign = f"auto-submitted: {auto}"
    for name in (
        "x-autoreply",
        "x-autorespond",
        "x-autoreply-from",
        "x-mail-autoreply",
        "x-auto-reply",
        "x-qq-autoreply",
    ):
        if header.get(name, "no").lower() not in ("no", "false", "0", ""):
            sign = name
    if header.get("precedence", "").lower() == "auto_reply" or header.get("x-precedence", "").lower() == "auto_reply":
        sign = "precedence: auto_reply"
    if hits("answer.auto_subject", letter.subject):
        sign = letter.subject
    elif not sign and (_AUTO_BODY.search(text[:300]) or hits("answer.auto_words", new_words.strip())):
        sign = text[:60]
    if not sign:
        return None
    if hits("answer.delay_subject", letter.subject):
        return Answered("delayed", _found("answer.delayed", "delayed", letter.subject, "subject"), (), about)
    return Answered("auto_reply", _found("answer.auto_reply", "auto_reply", sign, "header"), (), about)


def _report(letter: Letter, about: tuple[str, ...]) -> Answered | None:
    """A multipart/report: RFC 3464 delivery status or RFC 8098 disposition notification."""
    failed: list[str] = []
    delayed = False
    for part in letter.report_parts:
        body = guess(part.data)[0]
        if "disposition-notification" in part.media_type:
            return Answered("read_receipt", _found("answer.read_receipt", "read_receipt", body, "report"), (), about)
        if "delivery-status" not in part.media_type:
            continue
        for block in re.split(r"\r?\n\s*\r?\n", body):
            action = re.search(r"^Action:\s*([a-z]+)", block, re.M | re.I)
            who = re.search(
                r"^(?:Original|Final)-Recipient:\s*(?:[^;\s]+;)?\s*<?([^\s<>]+@[^\s<>]+)", block, re.M | re.I
            )
            status = re.search(r"^Status:\s*([245])\.", block, re.M | re.I)
            verdict = action[1].lower() if action else ""
            if verdict == "failed" or (not verdict and status and status[1] == "5"):
                failed.append(who[1].lower() if who else "")
            elif verdict in ("delayed", "relayed", "delivered", "expanded"):
                delayed = True
    if failed:
        finding = _found("answer.bounce", "bounce", letter.subject, "report")
        return Answered("bounce", finding, tuple(a for a in dict.fromkeys(failed) if a), about)
    if delayed:
        return Answered("delayed", _found("answer.delayed", "delayed", letter.subject, "report"), (), about)
    if letter.report_type == "disposition-notification":
        return Answered(
            "read_receipt", _found("answer.read_receipt", "read_receipt", letter.subject, "report"), (), about
        )
    if hits("answer.bounce_subject", letter.subject):
        return Answered("bounce", _found("answer.bounce", "bounce", letter.subject, "subject"), (), about)
    return None


def _about(letter: Letter, header: dict[str, str], text: str) -> tuple[str, ...]:
    """Message-IDs of ours that a robot hangs on: threads, its own fields, the returned headers, its text."""
    found: dict[str, None] = dict.fromkeys((*letter.in_reply_to, *letter.references))
    for name in ("x-cm-original-message-id", "x-oq-msgid", "original-message-id", "x-original-message-id"):
        if name in header:
            found.update(dict.fromkeys(message_ids([header[name].encode()])))
    for part in letter.report_parts:
        if "disposition" in part.media_type or "delivery" in part.media_type:
            for each in re.findall(rb"^(?:X-)?Original-Message-ID:\s*(\S+)", part.data, re.M | re.I):
                found.update(dict.fromkeys(message_ids([each])))
        else:
            block, _ = split_head(part.data)
            head = read_head(block, [])
            found.update(dict.fromkeys(message_ids(head.all("message-id") + head.all("references"))))
    for each in re.findall(r"Message-ID:\s*<([^<>\s]+)>", text, re.I)[:20]:
        found.setdefault(each)
    return tuple(found)


def returned_subject(letter: Letter) -> str:
    """The subject of the mail that a report gives back."""
    for part in letter.report_parts:
        if "rfc822" in part.media_type or "headers" in part.media_type:
            subject = one_line(read_head(split_head(part.data)[0], []).first("subject"))
            if subject:
                return subject
    return ""


def _failed_addresses(text: str, idx: Index) -> tuple[str, ...]:
    """Addresses a plain-text bounce names: listed ones only, never our own."""
    found = dict.fromkeys(a.lower() for a in _ADDRESS.findall(text))
    return tuple(a for a in found if a in idx.owners and a not in idx.own)
