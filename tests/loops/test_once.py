"""Promise 2: the same mail seen again changes nothing; what slipped by the cursor is found."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes

from daemon.procedure.shapes import Close
from store import ledger, letters
from tests.world.office import Office

HEAD = "hq.head@lcnu.example"


def with_a_receipt(office: Office) -> bytes:
    office.matter("供热管网检修", "2026-11-23")
    raw = office.answer("收到，马上安排。", office.mails("dispatch")[0], HEAD)
    office.live("2026-11-02 09:00")
    assert states(office) == ["registered"]
    return raw


def states(office: Office) -> list[str]:
    return [row.state for row in office.letters()]


def kinds(office: Office) -> list[str]:
    with office.store.reading() as tx:
        return [entry.kind for entry in ledger.history(tx, "m1")]


def test_another_uidvalidity_changes_nothing(either: Office) -> None:
    with_a_receipt(either)
    before = kinds(either)
    either.mailbox.new_uidvalidity()
    either.live("2026-11-02 09:50")
    assert (states(either), kinds(either)) == (["registered"], before)
    either.answer("又及：已开始。", either.mails("dispatch")[0], HEAD)
    either.live("2026-11-02 09:58")
    assert len(either.letters()) == 2


def test_a_restored_mailbox_starts_over_by_content(either: Office) -> None:
    with_a_receipt(either)
    notice = either.mails("dispatch")[0]
    for n in range(3):
        either.answer(f"进展情况：第{n}段已完成。", notice, HEAD)
    either.live("2026-11-02 09:10")
    assert len(either.letters()) == 4
    either.mailbox.restore(1)  # UIDNEXT falls back to 2
    either.answer("进展情况：第7段已完成。", notice, HEAD)  # takes a UID that was used before
    either.live("2026-11-02 09:30")
    assert len(either.letters()) == 5


def test_the_same_mail_in_two_folders_is_one_letter(either: Office) -> None:
    raw = with_a_receipt(either)
    before = kinds(either)
    either.mailbox.put(raw, "Junk")
    either.live("2026-11-02 12:00")
    assert (states(either), kinds(either)) == (["registered"], before)


def test_the_same_message_id_in_other_bytes_is_a_copy(either: Office) -> None:
    raw = with_a_receipt(either)
    before = kinds(either)
    either.mailbox.put(b"Delivered-To: ducha@lcnu.example\r\n" + raw)
    either.live("2026-11-02 12:00")
    assert (states(either), kinds(either)) == (["registered", "copy"], before)


def test_the_same_message_id_with_other_words_is_a_doubt(either: Office) -> None:
    raw = with_a_receipt(either)
    before = kinds(either)
    message = message_from_bytes(raw)
    message.set_payload("现申请撤销该事项。".encode(), "utf-8")
    either.mailbox.put(message.as_bytes())
    either.live("2026-11-02 12:00")
    first, second = either.letters()
    assert (first.state, second.state, second.why) == ("registered", "waiting", ("copy_differs",))
    assert kinds(either) == before


def test_a_copy_that_comes_after_the_matter_is_closed_has_no_effect(either: Office) -> None:
    raw = with_a_receipt(either)
    either.answer(
        "现将办理情况报告如下：检修管网12处，已全部完成并恢复供热，台账已建立。特此报告。",
        either.mails("dispatch")[0],
        HEAD,
    )
    either.live("2026-11-02 12:00")
    either.act(Close("m1", date(2026, 11, 2)))
    either.mailbox.put(b"X-Forwarded: yes\r\n" + raw)
    either.live("2026-11-02 14:00")
    assert states(either) == ["registered", "registered", "copy"]


def test_the_daily_look_finds_what_slipped_by_the_cursor(either: Office) -> None:
    with_a_receipt(either)
    box = either.mailbox.boxes["INBOX"]
    box.uidnext += 1  # a mail that some servers announce out of order
    slipped = box.uidnext - 1
    either.answer("进展情况：已完成三成。", either.mails("dispatch")[0], HEAD)
    either.live("2026-11-02 10:00")
    early = either.answer("进展情况：已完成二成。", either.mails("dispatch")[0], HEAD)
    box.mails[slipped] = box.mails.pop(box.uidnext - 1)
    box.uidnext -= 1
    either.live("2026-11-02 11:30")
    assert len(either.letters()) == 2
    either.live("2026-11-03 10:00")
    assert len(either.letters()) == 3
    with either.store.reading() as tx:
        assert letters.raw(tx, 3) == early


def test_announced_without_data_comes_later(either: Office) -> None:
    either.matter("供热管网检修", "2026-11-23")
    notice = either.mails("dispatch")[0]
    either.answer("收到。", notice, HEAD)
    either.mailbox.boxes["INBOX"].without_data.add(1)
    either.answer("进展情况：已完成三成。", notice, HEAD)
    either.live("2026-11-02 09:00")
    assert len(either.letters()) == 1
    either.mailbox.boxes["INBOX"].without_data.clear()
    either.live("2026-11-04 09:00")
    assert len(either.letters()) == 2
