"""Promises 8 and 10, and what can be taken back: chains, rehearsals, undoing, old letters, void matters."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from daemon import verify
from daemon.config import Settings
from daemon.edges.smtp import ForbiddenRecipient, SmtpAccount, SmtpCourier
from daemon.procedure.shapes import (
    Dispatch,
    GrantExtension,
    ImportDispatched,
    Propose,
    RefNo,
    Refusal,
    ReturnReport,
    Undo,
    VoidMatter,
)
from daemon.register import Registered
from store import ledger, projections
from tests.world.office import SCHOOL, Office, at

HEAD = "hq.head@lcnu.example"
REPORT = "现将办理情况报告如下：检修管网12处，已全部完成并恢复供热，台账已建立。特此报告。"


def lived(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.answer("收到。", office.mails("dispatch")[0], HEAD)
    office.live("2026-11-04 18:00")


# -- 8 ---------------------------------------------------------------------------------------------------------------


def test_a_changed_history_is_named_and_stops_the_daemon(
    either: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from daemon.service import _serve

    lived(either)
    with either.store.reading() as tx:
        assert verify.verify(tx).faults == ()
    with either.store.writing() as tx:
        body = tx.conn.execute(text("SELECT body FROM entries WHERE chain = 'm1' AND seq = 1")).scalar_one()
        tx.conn.execute(text("UPDATE entries SET body = :b WHERE chain = 'm1' AND seq = 1"), {"b": body + " "})
    with either.store.reading() as tx:
        (fault,) = verify.verify(tx).faults
    assert fault == "事项m1第1条记录的内容与校验值不符，可能被改动。"
    if either.store.dialect != "sqlite":
        return
    settings = Settings.model_validate(
        {
            "root": tmp_path,
            "imap": {"host": "127.0.0.1", "port": 1, "user": "u", "password": "p", "security": "none"},
            "smtp": {"host": "127.0.0.1", "port": 1, "user": "u", "password": "p", "security": "none"},
            "database": {"url": f"sqlite:///{tmp_path}/duban.db"},
        }
    )
    assert asyncio.run(_serve(settings, None, 1.0)) == 1
    said = capsys.readouterr()
    assert "事项m1第1条记录" in said.out + said.err


def test_every_projection_is_rebuilt_equal(either: Office) -> None:
    lived(either)
    with either.store.reading() as tx:
        before = (ledger.matters(tx), ledger.rules(tx).units)
        assert projections.compare(tx) == []
    with either.store.writing() as tx:
        projections.rebuild(tx)
    with either.store.reading() as tx:
        assert (ledger.matters(tx), ledger.rules(tx).units) == before
        assert projections.compare(tx) == []


# -- 10 --------------------------------------------------------------------------------------------------------------


def test_a_rehearsal_writes_to_one_address_and_reads_it_as_the_person_meant(tmp_path: Path) -> None:
    drill = "drill@lcnu.example"
    office = Office.open(tmp_path, rehearsal=drill)
    office.matter("供热管网检修", "2026-11-11", supporting=("JW",))
    office.answer("收到。", office.mails("dispatch")[0], drill)
    office.live("2026-11-27 18:00")
    assert len(office.courier.sent) > 8
    for sent, mail in zip(office.courier.sent, office.mails(), strict=True):
        assert set(sent.recipients) == {drill}
        assert drill in str(mail["To"])
        assert mail["Cc"] is None
        assert mail["Bcc"] is None
        assert "【演练】" in str(mail["Subject"])
        for word in ("hq.", "jw.", "l3@", "l2@"):
            assert word not in str(mail["To"]) + str(mail["From"]) + str(mail["Reply-To"] or "")
    lead = office.get("m1").assignments[0]
    assert (lead.unit, lead.acknowledged_at is not None) == ("HQ", True)
    office.close()


def test_the_courier_of_a_rehearsal_refuses_every_other_envelope() -> None:
    courier = SmtpCourier(SmtpAccount("127.0.0.1", 1, "u", "p", "none"), only="drill@lcnu.example")
    with pytest.raises(ForbiddenRecipient):
        asyncio.run(courier.deliver("a@lcnu.example", ["drill@lcnu.example", HEAD], b"x"))
    with pytest.raises(ForbiddenRecipient):
        asyncio.run(
            SmtpCourier(SmtpAccount("127.0.0.1", 1, "u", "p", "none"), only="").deliver("a@b.example", [HEAD], b"x")
        )


# -- taken back ------------------------------------------------------------------------------------------------------


def ready(office: Office) -> None:
    words = ("拟请办理。", "同意。")
    done = office.act(Propose("m1", "供热管网检修", "会议决定", "1.检修。", "HQ", ("JW",), date(2026, 11, 23), *words))
    assert isinstance(done, Registered)
    office.clock.move_to(office.clock.now() + timedelta(seconds=1))  # two acts, not one
    done = office.act(Dispatch("m1"))
    assert isinstance(done, Registered)


def test_undone_within_five_minutes_nothing_leaves(either: Office) -> None:
    ready(either)
    either.live("2026-11-02 08:04")
    assert isinstance(either.act(Undo("m1", either.get("m1").undo_seq)), Registered)
    either.live("2026-11-03 18:00")
    assert either.get("m1").phase == "ready"
    assert not either.sent("dispatch")
    assert {row.state for row in either.rows() if row.mail.unit} == {"withdrawn"}


def test_after_five_minutes_it_has_left_and_stays(office: Office) -> None:
    ready(office)
    office.live("2026-11-02 08:06")
    assert len(office.sent("dispatch")) == 2
    assert isinstance(office.act(Undo("m1", 2)), Refusal)


def test_void_tells_those_who_were_told(office: Office) -> None:
    ready(office)
    office.live("2026-11-02 08:20")
    office.act(VoidMatter("m1", "与另一事项重复"))
    office.live("2026-11-12 18:00")
    assert [row.mail.unit for row in office.sent("voided")] == ["HQ", "JW"]
    assert "不需再办理" in office.mails("voided")[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert not [row for row in office.sent() if row.mail.lines and row.mail.lines[0].key]


def test_void_before_the_mail_has_left_sends_nothing(office: Office) -> None:
    ready(office)
    office.live("2026-11-02 08:02")
    office.act(VoidMatter("m1", "与另一事项重复"))
    office.live("2026-11-12 18:00")
    assert not [row for row in office.sent() if row.mail.unit]


# -- late and old ----------------------------------------------------------------------------------------------------


def imported(id: str, number: int, on: date, message_id: str) -> ImportDispatched:
    return ImportDispatched(
        id,
        RefNo(2026, number),
        "食堂价格公示",
        "校长办公会议",
        "1.公示。",
        "HQ",
        (),
        on,
        date(2026, 11, 30),
        message_ids=(message_id,),
    )


def test_letters_older_than_the_first_dispatch_are_old_until_an_import_makes_them_answers(either: Office) -> None:
    either.matter("供热管网检修", "2026-11-23")
    either.clock.real = True  # type: ignore[misc]
    first = either.mails("dispatch")[0]
    raw = either.answer(REPORT, first, HEAD, subject="回复：食堂价格公示").replace(
        str(first["Message-ID"]).encode(), b"<old@lcnu.example>"
    )
    box = either.mailbox.boxes["INBOX"]
    del box.mails[1]
    either.mailbox.put(raw, at=at("2026-10-20 10:00"))
    either.mailbox.put(raw.replace(b"Message-ID: <", b"Message-ID: <a"), at=at("2026-10-01 10:00"))
    either.live("2026-11-02 09:00")
    assert [row.state for row in either.letters()] == ["old", "old"]
    done = either.act(imported("m9", 9, date(2026, 10, 12), "old@lcnu.example"), actor="import")
    assert isinstance(done, Registered), done
    before = len(either.courier.sent)
    either.live("2026-11-02 09:10")
    assert [row.state for row in either.letters()] == ["registered", "old"]
    assert either.get("m9").assignments[0].report_waiting
    # read more than three days late: registered, and no mail without a person
    assert len(either.courier.sent) == before
    assert not either.sent("received")


def test_read_three_days_late_it_sends_nothing(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.live("2026-11-02 12:00")
    office.clock.move_to(at("2026-11-09 09:00"))
    office.answer(REPORT, office.mails("dispatch")[0], HEAD)
    uid = max(office.mailbox.boxes["INBOX"].mails)
    raw = office.mailbox.boxes["INBOX"].mails.pop(uid).raw
    office.clock.real = True  # type: ignore[misc]
    office.mailbox.put(raw, at=office.clock.now() - timedelta(days=4))
    office.start()
    office.live("2026-11-09 18:00")
    assert [row.state for row in office.letters()] == ["registered"]
    assert not office.sent("received")


def test_the_extension_granted_is_told_after_five_minutes(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    words = "因管件到货推迟，特申请延期至2026年12月4日完成，目前已完成三成。"
    office.answer(words, office.mails("dispatch")[0], HEAD)
    office.live("2026-11-03 09:00")
    done = office.act(GrantExtension("m1", date(2026, 12, 4), date(2026, 11, 3), "president"))
    assert isinstance(done, Registered), (done, office.letters()[-1].why, json.dumps(SCHOOL.name))
    office.live("2026-11-03 09:04")
    assert not office.sent("extension_decided")
    office.live("2026-11-03 09:06")
    assert len(office.sent("extension_decided")) == 1
    assert isinstance(office.act(ReturnReport("m1", "HQ", ("缺佐证",), False, date(2026, 11, 3))), Refusal)
