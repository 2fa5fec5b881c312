"""A reminder that one reader has and another not yet is spent: never taken back, never stuck, never repeated."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import update

from daemon.procedure.shapes import Refusal, Reminded, WithdrawReminder
from daemon.world import Delivery
from store.tables import outbox as table
from tests.world.office import Office

HEAD, LIAISON = "hq.head@lcnu.example", "hq.liaison@lcnu.example"


def later_for(address: str) -> Callable[[str], Delivery | None]:
    return lambda to: Delivery(to, "later", "451 4.2.0 greylisted") if to == address else None


def overdue(office: Office, count: int) -> None:
    """Matters due on 6 November, signed for at once; their first urge falls on Monday the 9th."""
    for n in range(count):
        office.matter(f"第{n}项整改", "2026-11-06")
    for mail in office.mails("dispatch"):
        office.answer("已收到通知单，我处将按要求抓紧办理。", mail, HEAD)
    office.live("2026-11-06 18:00")
    office.courier.answer = later_for(HEAD)
    office.live("2026-11-09 10:02")


def test_a_list_that_one_has_goes_to_the_others_as_it_is(office: Office) -> None:
    overdue(office, 2)
    (row,) = [r for r in office.rows() if r.mail.lines and r.mail.lines[0].key and r.state == "frozen"]
    assert {r.address: r.outcome for r in row.recipients if r.field != "bcc"} == {HEAD: "later", LIAISON: "delivered"}
    first = office.mails("dispatch")[0]
    office.answer("附上办结报告：整改工作已于11月6日全部完成，管网检修37处，台账已建。", first, HEAD)
    office.live("2026-11-09 10:04")
    office.courier.answer = lambda _: None
    office.live("2026-11-09 12:00")
    row = next(r for r in office.rows() if r.id == row.id)
    assert row.state == "delivered"
    assert "over1" in _stages(office, "m2")
    assert len([r for r in office.rows() if r.mail.template in ("reminder", "urge")]) <= 2


def test_a_reminder_that_one_has_is_not_sent_to_another_after_the_answer(office: Office) -> None:
    overdue(office, 1)
    (row,) = [r for r in office.rows() if r.mail.lines and r.mail.lines[0].key and r.state == "frozen"]
    office.answer("关于此事，另函说明。", office.mails("dispatch")[0], HEAD)  # waits for a person: holds
    office.live("2026-11-09 10:04")
    before = len(office.courier.sent)
    office.courier.answer = lambda _: None
    office.live("2026-11-09 12:00")
    row = next(r for r in office.rows() if r.id == row.id)
    assert row.state == "delivered"
    assert all(HEAD not in sent.recipients for sent in office.courier.sent[before:])
    assert "over1" in _stages(office, "m1")  # the liaison has it: spent, not to be asked for again


def test_what_is_on_its_way_cannot_be_held_or_withdrawn(office: Office) -> None:
    """The history would say that it did not leave, and its key be free to be asked for again."""
    office.matter("供热管网检修", "2026-11-23")
    office.courier.answer = lambda to: Delivery(to, "later", "451 4.2.0 greylisted")
    office.live("2026-11-03 10:01")
    (row,) = [r for r in office.rows() if r.mail.template == "ack_reminder"]
    key = row.mail.lines[0].key
    assert (row.state, key is not None) == ("frozen", True)
    assert key is not None
    _claim(office, row.id)
    done = office.act(WithdrawReminder("m1", key, "不必再发"))
    assert isinstance(done, Refusal)
    assert done.code == "reminder_left"
    assert [one.key for one in office.get("m1").assignments[0].reminded] == [key]


def _claim(office: Office, id: int) -> None:
    with office.store.writing() as tx:
        tx.conn.execute(update(table).where(table.c.id == id).values(state="sending", claimed_by="x"))


def _told(office: Office, matter: str) -> list[Reminded]:
    return [one for a in office.get(matter).assignments for one in a.reminded if one.delivered]


def _stages(office: Office, matter: str) -> set[str]:
    return {one.key.stage for one in _told(office, matter)}
