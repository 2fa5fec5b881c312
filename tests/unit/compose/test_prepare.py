"""From the door to frozen bytes: who gets a mail, in which thread, with which files; rehearsals; what breaks."""

from __future__ import annotations

import email
import email.policy
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import docx
import pytest

from daemon.compose.prepare import compose, facts
from daemon.compose.render import Broken
from daemon.edges.dice import SeededDice
from daemon.procedure.rules import Rules, default_text, load_policy
from daemon.procedure.shapes import (
    AskExtension,
    Because,
    Close,
    Command,
    Dispatch,
    GrantExtension,
    Leader,
    Line,
    Mail,
    Person,
    Propose,
    ReceiveReport,
    RecordMail,
    Refusal,
    RefuseExtension,
    Remind,
    ReturnReport,
    Role,
    School,
    SetLeader,
    SetSchool,
    SetUnit,
    StageKey,
    Unit,
)
from daemon.procedure.workdays import SHANGHAI, load_calendar
from daemon.register import register, set_school
from daemon.world import Outlook
from store import ledger, outbox, people
from store.outbox import Frozen, OutboxRow
from store.transaction import Store, Tx

SCHOOL = School(
    name="示例师范学院",
    short_name="示例师院",
    office="学校办公室",
    section="督察科",
    ref_prefix="示师督字",
    mailbox="dcdb@school.example",
    domain="school.example",
    contact="李宁",
    phone="0000-0000000",
    section_address="section@school.example",
    director="陈立",
    director_address="chen@school.example",
)
UNITS = (
    Unit(
        "HQ",
        "后勤管理处",
        "后勤处",
        head=Person("刘洋", "处长", "liu@school.example"),
        deputy=Person("高远", "副处长", "gao@school.example"),
        liaison=Person("方圆", "", "fang@school.example"),
        liaison_phone="0000-0000001",
        supervising="L1",
        other_addresses=("hqc@school.example",),
    ),
    Unit("BW", "保卫处", "保卫处", head=Person("欧阳一鸣", "副处长", "ouyang@school.example"), supervising="L1"),
)
LEADERS = (
    Leader("L1", "周敏", "副校长", "zhou@school.example"),
    Leader("L2", "王成", "党委副书记、校长", "wang@school.example", principal=True),
)
DICE = SeededDice(7)
OFFICER = Because("officer:li")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=SHANGHAI)
SECRET = b"a secret"
HERE = Outlook(notice_secret=SECRET, web_address="https://duban.school.example")
RULES = Rules(
    SCHOOL,
    load_calendar(default_text()),
    load_policy(default_text()),
    {unit.code: unit for unit in UNITS},
    {leader.code: leader for leader in LEADERS},
)


@pytest.fixture
def tx(tmp_path: Path) -> Iterator[Tx]:
    store = Store.open(f"sqlite:///{tmp_path}/duban.db", tmp_path / "blobs", synchronous="OFF")
    store.migrate()
    with store.writing() as opened:
        set_school(opened, [SetSchool(SCHOOL), *map(SetUnit, UNITS), *map(SetLeader, LEADERS)], OFFICER, NOON)
        yield opened
    store.close()


def do(tx: Tx, *commands: Command, at: datetime = NOON, because: Because = OFFICER) -> list[OutboxRow]:
    done = register(tx, commands, because, now=at, dice=DICE)
    assert not isinstance(done, Refusal), done
    rows = [outbox.show(tx, id) for id in done.mails]
    return [row for row in rows if row is not None]


def propose(id: str = "m1", title: str = "供热管网检修", deadline: date = date(2026, 12, 15)) -> Propose:
    return Propose(
        matter=id,
        title=title,
        source="校长办公会议",
        requirements="1.完成检修；\n2.报送台账。",
        lead="HQ",
        supporting=("BW",),
        deadline=deadline,
        director_opinion="拟请后勤处办理。",
        leader_opinion="同意。",
        instructing_leader="L1",
    )


def dispatched(tx: Tx, id: str = "m1", **kw: Any) -> list[OutboxRow]:
    do(tx, propose(id, **kw))
    return do(tx, Dispatch(id))


def frozen(tx: Tx, row: OutboxRow, outlook: Outlook = HERE, now: datetime = NOON) -> Frozen:
    made = compose(tx, row, outlook, ledger.rules(tx), now, DICE)
    assert outbox.freeze(tx, row.id, made, now)
    return made


def sent(tx: Tx, row: OutboxRow, made: Frozen, at: datetime = NOON) -> None:
    """As the courier would record it."""
    mail = row.mail
    for line in mail.lines:
        keys = (line.key,) if line.key is not None else ()
        told = RecordMail(
            line.matter, row.id, mail.template, "delivered", (made.recipients[0].address,), made.message_id,
            keys=keys, unit=mail.unit,
        )  # fmt: skip
        do(tx, told, at=at, because=Because("courier"))


def parsed(made: Frozen) -> EmailMessage:
    message = email.message_from_bytes(made.raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text(made: Frozen) -> str:
    body = parsed(made).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def page(made: Frozen) -> str:
    body = parsed(made).get_body(("html",))
    assert body is not None
    return str(body.get_content())


def remind(
    stage: str, mail: str, day: date, to: Role = "head", *, matter: str = "m1", cc: tuple[Role, ...] = ("liaison",),
    counts_from: date = date(2026, 12, 15), release: str = "automatic", may_hold: str = "",
) -> Remind:  # fmt: skip
    leaves = datetime(day.year, day.month, day.day, 10, 0, tzinfo=SHANGHAI)
    return Remind(matter, StageKey("HQ", stage, counts_from), mail, to, cc, leaves, release, may_hold)


# -- dispatch -----------------------------------------------------------------------------------------------------


def test_dispatch_to_the_lead_unit(tx: Tx) -> None:
    lead, supporting = dispatched(tx)
    made = frozen(tx, lead)
    message = parsed(made)
    assert message["Subject"] == made.subject == "【督办】示师督字〔2026〕第1号 供热管网检修"
    assert [one.addr_spec for one in message["To"].addresses] == ["liu@school.example"]
    assert [one.addr_spec for one in message["Cc"].addresses] == ["fang@school.example"]
    assert message["From"].addresses[0].addr_spec == "dcdb@school.example"
    assert message["In-Reply-To"] is None
    assert message["X-Duban-Token"] == made.token
    matter = ledger.matter(tx, "m1")
    assert matter is not None
    assert matter.assignments[0].token == made.message_id.split(".")[0]
    assert message["Message-ID"] == f"<{made.message_id}>"
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["2026-001-tongzhidan.pdf", "2026-001-banjiebaogao.docx", "2026-001-fankuishijian.ics"]
    assert text(made).startswith("后勤管理处：\n")
    assert "mailto:dcdb@school.example?subject=%E3%80%90%E7%AD%BE%E6%94%B6%E3%80%91" in page(made)
    told = parsed(frozen(tx, supporting))
    assert [one.addr_spec for one in told["To"].addresses] == ["ouyang@school.example"]
    assert told["Cc"] is None
    assert len(list(told.iter_attachments())) == 2


def test_envelope_has_our_own_copy_and_the_header_has_not(tx: Tx) -> None:
    made = frozen(tx, dispatched(tx)[0])
    assert [(one.address, one.field, one.role) for one in made.recipients] == [
        ("liu@school.example", "to", "head"),
        ("fang@school.example", "cc", "liaison"),
        ("dcdb@school.example", "bcc", "section"),
    ]
    assert b"bcc" not in made.raw.lower().split(b"\r\n\r\n")[0]


def test_report_form_is_filled_in(tx: Tx) -> None:
    message = parsed(frozen(tx, dispatched(tx)[0]))
    raw = next(part for part in message.iter_attachments() if part.get_filename().endswith(".docx"))
    form = docx.Document(io.BytesIO(raw.get_payload(decode=True)))
    cells = {row.cells[0].text: row.cells[1].text for row in form.tables[0].rows}
    assert cells["文　　号"] == "示师督字〔2026〕第1号"
    assert cells["督查督办事项"] == "供热管网检修"
    assert cells["主办单位"] == "后勤管理处"
    assert cells["协办单位"] == "保卫处"
    assert cells["要求反馈时间"] == "2026年12月15日"
    said = [paragraph.text for paragraph in form.paragraphs]
    assert any("主要负责人（签名）" in words for words in said)
    stamps = [cell.text for row in form.tables[1].rows for cell in row.cells]
    assert stamps[:2] == ["（主办单位公章）", "（协办单位公章）"]


def test_two_mails_of_a_thread_have_tokens_of_their_own(tx: Tx) -> None:
    row = dispatched(tx)[0]
    first, second = (compose(tx, row, HERE, RULES, NOON, DICE) for _ in range(2))
    assert first.token != second.token
    assert first.message_id.split(".")[0] == second.message_id.split(".")[0]


# -- the thread ---------------------------------------------------------------------------------------------------


def thread(tx: Tx) -> Frozen:
    row = dispatched(tx)[0]
    made = frozen(tx, row)
    sent(tx, row, made)
    return made


def test_a_reminder_hangs_on_the_dispatch_mail(tx: Tx) -> None:
    first = thread(tx)
    day = date(2026, 12, 16)
    early = NOON + timedelta(days=21, hours=21)
    (row,) = do(tx, remind("over1", "urge_1", day), at=early, because=Because("clock"))
    made = compose(tx, row, HERE, ledger.rules(tx), early, DICE)
    message = parsed(made)
    assert message["In-Reply-To"] == message["References"] == f"<{first.message_id}>"
    assert made.subject == first.subject
    assert "刘处长：您好！" in text(made)
    assert "逾期1日" in text(made)
    assert message["Date"].datetime == row.not_before


def test_several_matters_are_a_list_in_a_thread_of_its_own(tx: Tx) -> None:
    thread(tx)
    row = dispatched(tx, "m2", title="食堂明厨亮灶", deadline=date(2026, 12, 14))[0]
    sent(tx, row, frozen(tx, row))
    day = date(2026, 12, 16)
    rows = do(
        tx,
        remind("over1", "urge_1", day),
        remind("over1", "urge_1", day, matter="m2", counts_from=date(2026, 12, 14)),
        at=NOON + timedelta(days=22),
        because=Because("clock"),
    )
    (row,) = rows
    made = compose(tx, row, HERE, ledger.rules(tx), NOON + timedelta(days=22), DICE)
    assert made.subject == "【督办】后勤管理处2件督查督办事项提醒（12月16日）"
    assert parsed(made)["References"] is None
    for words in ("示师督字〔2026〕第1号", "示师督字〔2026〕第2号", "食堂明厨亮灶", "第一次催报"):
        assert words in text(made)
        assert words in page(made)


def test_leader_digest_drops_the_vice_and_has_no_unit_address(tx: Tx) -> None:
    thread(tx)
    day = date(2026, 12, 18)
    later = NOON + timedelta(days=24)
    to: Role = "supervising_leader"
    asked = remind("lead3", "leader_digest", day, to, cc=(), release="unless_held", may_hold="officer")
    (row,) = do(tx, asked, at=later, because=Because("clock"))
    made = compose(tx, row, HERE, ledger.rules(tx), later, DICE)
    assert text(made).startswith("周校长：\n")
    assert {one.address for one in made.recipients} == {"zhou@school.example", "dcdb@school.example"}
    assert "逾期：3日" in text(made)
    assert "逾期3日" in page(made)

    notice = Mail("announcement", ("section",), (Line("m1", "HQ"),), later)
    (id,) = outbox.ask(tx, [notice], later)
    row = outbox.show(tx, id)
    assert row is not None
    announced = text(compose(tx, row, HERE, ledger.rules(tx), later, DICE))
    assert "发给周敏副校长" in announced
    assert "逾期满3个工作日" in announced
    assert "可以暂缓的人：经办人" in announced
    assert "https://duban.school.example" in announced


def test_president_hears_proposals(tx: Tx) -> None:
    thread(tx)
    later = NOON + timedelta(days=35)
    asked = remind("pres10", "leader_digest", date(2026, 12, 29), "president", cc=("director",), release="unless_held")
    (row,) = do(tx, asked, at=later, because=Because("clock"))
    made = compose(tx, row, HERE, ledger.rules(tx), later, DICE)
    assert text(made).startswith("王校长：\n")
    assert "协调督办" in text(made)
    assert "chen@school.example" in {one.address for one in made.recipients}


def test_a_deadline_on_a_rest_day_is_not_called_today_on_the_friday_before(tx: Tx) -> None:
    saturday = date(2026, 12, 12)
    row = dispatched(tx, deadline=saturday)[0]
    sent(tx, row, frozen(tx, row))
    friday = datetime(2026, 12, 11, 9, 0, tzinfo=SHANGHAI)
    asked = remind("day0", "due_today", friday.date(), counts_from=saturday)
    (row,) = do(tx, asked, at=friday, because=Because("clock"))
    said = text(compose(tx, row, HERE, ledger.rules(tx), friday, DICE))
    assert "今日到期" not in said
    assert "将于2026年12月12日（周六）到期" in said


# -- what follows from letters and officers -----------------------------------------------------------------------


def test_received_returned_extended_closed(tx: Tx) -> None:
    first = thread(tx)
    later = NOON + timedelta(days=10)
    day = later.date()
    (row,) = do(
        tx, AskExtension("m1", "HQ", "设备未到", date(2026, 12, 22), day), at=later, because=Because("letter", 1)
    )
    said = text(compose(tx, row, HERE, ledger.rules(tx), later, DICE))
    assert "延期申请已收到并登记" in said
    assert "申请延至2026年12月22日" in said
    (row,) = do(tx, GrantExtension("m1", date(2026, 12, 22), day, "director", "同意"), at=later)
    made = compose(tx, row, HERE, ledger.rules(tx), later, DICE)
    assert "已经学校办公室负责人批准，要求反馈时间延至2026年12月22日（周二）" in text(made)
    assert [part.get_filename() for part in parsed(made).iter_attachments()] == ["2026-001-fankuishijian.ics"]
    (row,) = do(tx, ReceiveReport("m1", "HQ", "已办结", day), at=later, because=Because("letter", 2))
    made = compose(tx, row, HERE, ledger.rules(tx), later, DICE)
    assert "办结报告已收到并登记" in text(made)
    assert made.recipients[0].address == "fang@school.example"
    (row,) = do(tx, ReturnReport("m1", "HQ", ("任务遗漏", "缺佐证"), False, day, words="请补充台账。"), at=later)
    said = text(compose(tx, row, HERE, ledger.rules(tx), later, DICE))
    for words in ("现予退回", "1．任务遗漏", "2．缺佐证", "请补充台账。", "重新报送办结报告"):
        assert words in said
    do(tx, ReceiveReport("m1", "HQ", "已办结", day), at=later, because=Because("letter", 3))
    rows = do(tx, Close("m1", day, "符合要求。"), at=later)
    assert {row.mail.unit for row in rows} == {"HQ", "BW"}
    made = compose(tx, rows[0], HERE, ledger.rules(tx), later, DICE)
    assert "现予办结" in text(made)
    assert "按期办结" in text(made)
    assert parsed(made)["References"] == f"<{first.message_id}>"


def test_extension_refused_says_why(tx: Tx) -> None:
    thread(tx)
    later = NOON + timedelta(days=10)
    day = later.date()
    do(tx, AskExtension("m1", "HQ", "设备未到", date(2026, 12, 22), day), at=later, because=Because("letter", 1))
    (row,) = do(tx, RefuseExtension("m1", day, "L1", "理由不足"), at=later)
    said = text(compose(tx, row, HERE, ledger.rules(tx), later, DICE))
    assert "经周敏副校长研究，未予同意" in said
    assert "理由：理由不足" in said


# -- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "to"),
    [
        ((), "liu@school.example"),
        (("LIU@school.example",), "gao@school.example"),
        (("liu@school.example", "gao@school.example"), "fang@school.example"),
        (("liu@school.example", "gao@school.example", "fang@school.example"), "hqc@school.example"),
    ],
)
def test_a_bad_address_is_passed_over(tx: Tx, bad: tuple[str, ...], to: str) -> None:
    row = dispatched(tx)[0]
    for address in bad:
        people.mark_bad(tx, address, "550", NOON)
    made = compose(tx, row, HERE, RULES, NOON, DICE)
    assert made.recipients[0].address == to
    assert not {address.lower() for address in bad} & {one.address for one in made.recipients}


def test_nobody_to_reach_is_said_in_chinese(tx: Tx) -> None:
    row = dispatched(tx)[1]
    people.mark_bad(tx, "ouyang@school.example", "550", NOON)
    with pytest.raises(Broken, match="保卫处的主要负责人没有可用的邮箱"):
        compose(tx, row, HERE, RULES, NOON, DICE)
    assert facts(tx, row, RULES, NOON) == ""


def test_an_address_that_cannot_be_written_breaks_the_mail(tx: Tx) -> None:
    row = dispatched(tx)[1]
    odd = replace(UNITS[1], head=Person("欧阳一鸣", "", "欧阳@school.example"))
    with pytest.raises(Broken, match="邮件头不能生成"):
        compose(tx, row, HERE, replace(RULES, units={**RULES.units, "BW": odd}), NOON, DICE)


# -- rehearsal ----------------------------------------------------------------------------------------------------


def test_a_rehearsal_goes_to_its_one_address_alone(tx: Tx) -> None:
    row = dispatched(tx)[0]
    made = frozen(tx, row, replace(HERE, rehearsal_address="try@school.example"))
    message = parsed(made)
    assert made.subject == "【演练】【督办】示师督字〔2026〕第1号 供热管网检修"
    assert [one.addr_spec for one in message["To"].addresses] == ["try@school.example"]
    assert message["Cc"] is None
    assert {one.address for one in made.recipients} == {"try@school.example"}
    assert [one.meant for one in made.recipients] == ["liu@school.example", "fang@school.example"]
    head = text(made).split("后勤管理处：")[0]
    assert "主送：刘洋处长（主要负责人）<liu@school.example>" in head
    assert "抄送：方圆（联络员）<fang@school.example>" in head
    assert "&lt;liu@school.example&gt;" in page(made)
    header = made.raw.split(b"\r\n\r\n")[0]
    assert b"liu@school.example" not in header


# -- facts --------------------------------------------------------------------------------------------------------


def test_facts_change_with_what_the_text_rests_on(tx: Tx) -> None:
    row, other = dispatched(tx)
    made = compose(tx, row, HERE, ledger.rules(tx), NOON, DICE)
    assert json.loads(made.facts)["lines"][0][0] == "m1"
    assert facts(tx, row, ledger.rules(tx), NOON) == made.facts
    sent(tx, other, frozen(tx, other))
    assert facts(tx, row, ledger.rules(tx), NOON) == made.facts
    people.mark_bad(tx, "liu@school.example", "550", NOON)
    assert facts(tx, row, ledger.rules(tx), NOON) != made.facts


# -- to the Section -----------------------------------------------------------------------------------------------


def section_mail(tx: Tx, template: str, data: dict[str, str]) -> Frozen:
    (id,) = outbox.ask(tx, [Mail(template, ("section",), (), NOON, data=data)], NOON)
    row = outbox.show(tx, id)
    assert row is not None
    return compose(tx, row, HERE, ledger.rules(tx), NOON, DICE)


def test_alarm_and_morning_go_to_the_section(tx: Tx) -> None:
    alarm = section_mail(tx, "alarm", {"alarm": "mailbox", "detail": "refused_login"})
    assert alarm.recipients[0].address == "section@school.example"
    assert alarm.subject == "【督办告警】收信邮箱读不到"
    assert "服务器不接受账号或者密码" in text(alarm)
    dispatched(tx)
    seal = "ab" * 32
    morning = section_mail(tx, "morning", {"seal": seal, "seal_heads": "2", "seal_day": "2026-11-24"})
    assert seal in text(morning)
    assert "在办事项：1件" in text(morning)


@pytest.mark.parametrize("name", ["mailbox", "clock_behind", "broken", "refused:a@b.example", "something_new"])
def test_every_alarm_has_words(tx: Tx, name: str) -> None:
    made = section_mail(tx, "alarm", {"alarm": name, "detail": "{x} <b>"})
    assert "{detail}" not in text(made)
    assert "<b>" not in page(made)


HOSTILE = "<b>题</b>{{7*7}}\r\nBcc: x@evil.example\u202e倒"


def test_a_hostile_title_stays_a_title(tx: Tx) -> None:
    made = frozen(tx, dispatched(tx, title=HOSTILE)[0])
    message = parsed(made)
    assert message["Bcc"] is None
    assert "\u202e" not in made.subject
    assert "<b>" not in page(made)
    assert "{{7*7}}" in text(made)


def test_a_mail_of_a_matter_without_lines_is_broken_not_fatal(tx: Tx) -> None:
    (id,) = outbox.ask(tx, [Mail("urge_1", ("head",), (), NOON, unit="HQ")], NOON)
    row = outbox.show(tx, id)
    assert row is not None
    with pytest.raises(Broken, match="没有写明是哪一件事项"):
        compose(tx, row, HERE, RULES, NOON, DICE)
    (id,) = outbox.ask(tx, [Mail("urge_1", ("head",), (Line("nowhere", "HQ"),), NOON, unit="HQ")], NOON)
    row = outbox.show(tx, id)
    assert row is not None
    with pytest.raises(Broken, match="台帐中没有编号"):
        compose(tx, row, HERE, RULES, NOON, DICE)


def test_a_character_without_a_glyph_is_logged_and_the_notice_leaves(
    tx: Tx, capsys: pytest.CaptureFixture[str]
) -> None:
    made = frozen(tx, dispatched(tx, title="检修\U0001f600")[0])
    assert "no_glyph" in "".join(capsys.readouterr())
    assert made.raw
