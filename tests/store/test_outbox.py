"""The outbox: each mail in one state, claimed once, settled for each recipient, changed only until it is on its way."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from daemon.procedure.shapes import Assignment, Line, Mail, Matter, RefNo, StageKey
from store import ledger, outbox, projections
from store.outbox import Addressed, Frozen
from store.transaction import Store, Tx

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
LEASE = timedelta(minutes=5)
KEY = StageKey("HQ", "over1", date(2026, 11, 23))
A, B = Addressed("a@x.example", "to", "head"), Addressed("b@x.example", "cc", "liaison")


@dataclass(frozen=True)
class Said:
    recipient: str
    outcome: Literal["delivered", "later", "refused", "unsure"]
    reply: str = ""


def mail(*matters: str, not_before: datetime = NOW, release: str = "automatic", unit: str | None = "HQ") -> Mail:
    lines = tuple(Line(m, "HQ", KEY, seq) for seq, m in enumerate(matters or ("m1",), 1))
    return Mail("reminder", ("head",), lines, not_before, unit=unit, release=release)


def frozen(n: int = 0, *recipients: Addressed) -> Frozen:
    return Frozen(f"tok.{n}@x.example", "tok", "【督办】", f"mail {n}".encode(), '{"head":"a"}', recipients or (A, B))


def ask(store: Store, *mails: Mail) -> list[int]:
    with store.writing() as tx:
        return outbox.ask(tx, mails or [mail()], NOW)


def freeze(store: Store, id: int, *recipients: Addressed) -> None:
    with store.writing() as tx:
        assert outbox.freeze(tx, id, frozen(id, *recipients), NOW)


def ready(store: Store, *recipients: Addressed, **kw: object) -> int:
    (id,) = ask(store, mail(**kw))  # type: ignore[arg-type]
    freeze(store, id, *recipients)
    return id


def claim(store: Store, now: datetime = NOW, who: str = "me") -> outbox.OutboxRow | None:
    with store.writing() as tx:
        return outbox.claim(tx, who, now, LEASE)


def settle(store: Store, id: int, *said: Said, now: datetime = NOW) -> str:
    with store.writing() as tx:
        return outbox.settle(tx, id, said, now)


def row(store: Store, id: int) -> outbox.OutboxRow:
    with store.reading() as tx:
        found = outbox.show(tx, id)
    assert found is not None
    return found


def outcomes(store: Store, id: int) -> dict[str, str]:
    return {r.address: r.outcome for r in row(store, id).recipients}


def test_the_way_of_a_mail(store: Store) -> None:
    later = NOW + timedelta(minutes=5)
    (id,) = ask(store, mail(not_before=later))
    with store.reading() as tx:
        assert outbox.to_prepare(tx, NOW) == [], "its time has not come"
        assert [r.id for r in outbox.to_prepare(tx, NOW, ahead=timedelta(minutes=5))] == [id]
        assert [r.id for r in outbox.to_prepare(tx, later)] == [id]
        assert outbox.next_moment(tx) == later
    assert row(store, id).state == "asked"
    freeze(store, id)
    with store.writing() as tx:
        assert not outbox.freeze(tx, id, frozen(9), NOW), "frozen already"
        assert outbox.raw(tx, id) == f"mail {id}".encode()
    assert claim(store) is None
    taken = claim(store, later)
    assert taken is not None
    assert (taken.state, taken.attempts, taken.to_deliver) == ("sending", 1, ("a@x.example", "b@x.example"))
    assert claim(store, later) is None
    assert (
        settle(store, id, Said("a@x.example", "delivered", "250 ok"), Said("b@x.example", "delivered")) == "delivered"
    )
    assert row(store, id).recipients[0].reply == "250 ok"
    with pytest.raises(KeyError):
        settle(store, id, Said("a@x.example", "refused"))
    with store.reading() as tx:
        assert outbox.counts(tx) == {"delivered": 1}
        assert outbox.next_moment(tx) is None


def test_four_senders_claim_each_mail_once(store: Store, store_url: str, tmp_path: Path) -> None:
    ids = ask(store, *(mail() for _ in range(100)))
    for id in ids:
        freeze(store, id)
    stores = [store] + [Store.open(store_url, tmp_path / "blobs", synchronous="OFF") for _ in range(3)]
    taken: list[int] = []
    lock = threading.Lock()

    def work(mine: Store, who: str) -> None:
        empty = 0
        while empty < 3:  # SKIP LOCKED may find nothing although something is left
            found = claim(mine, who=who)
            if found is None:
                empty += 1
                continue
            assert found.claimed_by == who
            with lock:
                taken.append(found.id)

    threads = [threading.Thread(target=work, args=(one, str(n))) for n, one in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores[1:]:
        one.close()
    assert sorted(taken) == ids


def test_refused_for_now_goes_back_with_growing_pauses_for_those_alone(store: Store) -> None:
    id = ready(store)
    now = NOW
    claim(store)
    assert settle(store, id, Said("a@x.example", "delivered"), Said("b@x.example", "later", "451")) == "frozen"
    pauses = []
    for _ in range(8):
        again = row(store, id).retry_at
        assert again is not None
        pauses.append((again - now).total_seconds() / 60)
        assert claim(store, again - timedelta(seconds=1)) is None
        now = again
        taken = claim(store, now)
        assert taken is not None
        assert taken.to_deliver == ("b@x.example",), "who has it gets it no second time"
        settle(store, id, Said("b@x.example", "later"), now=now)
    assert pauses == [5, 10, 20, 40, 80, 160, 240, 240]
    now = NOW + outbox.GIVE_UP
    claim(store, now)
    assert settle(store, id, Said("b@x.example", "later", "451 busy"), now=now) == "delivered"
    assert outcomes(store, id) == {"a@x.example": "delivered", "b@x.example": "refused"}
    assert outbox.EXPIRED in row(store, id).recipients[1].reply


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("delivered", "refused", "delivered"),
        ("refused", "refused", "refused"),
        ("refused", "later", "frozen"),
        ("unsure", "delivered", "unsure"),
        ("unsure", "later", "unsure"),
    ],
)
def test_a_mails_state_comes_of_its_recipients(store: Store, first: str, second: str, state: str) -> None:
    id = ready(store)
    claim(store)
    assert settle(store, id, Said("a@x.example", first), Said("b@x.example", second)) == state  # type: ignore[arg-type]


def test_a_claim_that_outlives_its_lease_is_unsure_and_never_sent_again_by_itself(store: Store) -> None:
    id = ready(store)
    claim(store)
    with store.writing() as tx:
        assert outbox.dead_claims(tx, NOW + LEASE) == []
        assert outbox.dead_claims(tx, NOW + LEASE * 2) == [id]
        assert outbox.dead_claims(tx, NOW + LEASE * 2) == []
    assert row(store, id).state == "unsure"
    assert claim(store, NOW + timedelta(days=9)) is None
    with store.writing() as tx:
        assert not outbox.withdraw(tx, id, "x")
        assert not outbox.back_to_asked(tx, id, "x")


@pytest.mark.parametrize(("delivered", "state"), [(True, "delivered"), (False, "frozen")])
def test_an_unsure_mail_is_settled_by_what_was_found(store: Store, delivered: bool, state: str) -> None:
    id = ready(store)
    claim(store)
    settle(store, id, Said("a@x.example", "refused"), Said("b@x.example", "unsure"))
    with store.writing() as tx:
        assert outbox.settle_unsure(tx, id, delivered, "officer:li", NOW)
        assert not outbox.settle_unsure(tx, id, delivered, "officer:li", NOW)
    assert row(store, id).state == state
    again = claim(store)
    assert (again is None) == delivered
    if again is not None:
        assert again.to_deliver == ("b@x.example",)


def test_a_later_beside_an_unsure_waits_and_then_goes_on(store: Store) -> None:
    id = ready(store)
    claim(store)
    settle(store, id, Said("a@x.example", "unsure"), Said("b@x.example", "later"))
    with store.writing() as tx:
        assert outbox.settle_unsure(tx, id, True, "found in Sent", NOW)
    assert row(store, id).state == "frozen"
    taken = claim(store, NOW + timedelta(hours=1))
    assert taken is not None
    assert taken.to_deliver == ("b@x.example",)


def test_held_until_a_day_or_until_let_go(store: Store) -> None:
    asked, froze = ask(store)[0], ready(store)
    friday = date(2026, 11, 27)
    with store.writing() as tx:
        assert outbox.hold(tx, asked, friday, "会上再议")
        assert outbox.hold(tx, froze, None, "等电话")
    held = row(store, froze)
    assert (held.state, held.held_why) == ("held", "等电话")
    with store.writing() as tx:
        assert outbox.release(tx, froze)
        assert not outbox.release(tx, froze)
        assert row_of(tx, froze).state == "frozen"
        before = datetime(2026, 11, 27, 1, 59, tzinfo=UTC)
        assert outbox.to_prepare(tx, before) == []
        assert [r.id for r in outbox.to_prepare(tx, before + timedelta(minutes=1))] == [asked], "at its own time of day"
        assert outbox.next_moment(tx, ["held"]) == before + timedelta(minutes=1)
        assert outbox.freeze(tx, asked, frozen(), before + timedelta(minutes=1))
        assert row_of(tx, asked).state == "frozen"


def row_of(tx: Tx, id: int) -> outbox.OutboxRow:
    found = outbox.show(tx, id)
    assert found is not None
    return found


def test_a_held_mail_leaves_when_its_hold_is_over(store: Store) -> None:
    for_ever, till_friday = ready(store), ready(store)
    with store.writing() as tx:
        outbox.hold(tx, for_ever, None, "x")
        outbox.hold(tx, till_friday, date(2026, 11, 27), "x")
    assert claim(store, NOW + timedelta(days=2)) is None
    taken = claim(store, NOW + timedelta(days=3))
    assert taken is not None
    assert (taken.id, taken.held_until) == (till_friday, None)
    assert claim(store, NOW + timedelta(days=99)) is None


def test_nothing_is_held_withdrawn_or_changed_once_it_is_sending(store: Store) -> None:
    id = ready(store)
    claim(store)
    with store.writing() as tx:
        assert not outbox.hold(tx, id, None, "x")
        assert not outbox.withdraw(tx, id, "x")
        assert not outbox.back_to_asked(tx, id, "x")
        assert not outbox.drop_lines(tx, id, mail().lines, "x")
        assert not outbox.postpone(tx, id, NOW)
        assert not outbox.withdraw(tx, id, "x", who="other")
        assert outbox.withdraw(tx, id, "answered", who="me"), "its own sender may, before it connects"
    assert (row(store, id).state, row(store, id).why) == ("withdrawn", "answered")


def test_a_sender_gives_a_claim_back_without_an_attempt(store: Store) -> None:
    id = ready(store)
    claim(store)
    with store.writing() as tx:
        assert outbox.postpone(tx, id, NOW + timedelta(hours=1), "ceiling", who="me")
    back = row(store, id)
    assert (back.state, back.attempts, back.first_sent_at, back.sent_at) == ("frozen", 0, None, None)
    assert claim(store) is None
    assert claim(store, NOW + timedelta(hours=1)) is not None


def test_a_list_loses_the_line_that_was_answered(store: Store) -> None:
    (id,) = ask(store, mail("m1", "m2"))
    freeze(store, id)
    with store.writing() as tx:
        assert not outbox.drop_lines(tx, id, [Line("m9")], "x")
        assert outbox.drop_lines(tx, id, [Line("m1", "HQ", KEY, 1)], "answered")
    left = row(store, id)
    assert (left.state, [line.matter for line in left.mail.lines], left.raw) == ("asked", ["m2"], None)
    assert left.recipients == ()
    with store.writing() as tx:
        assert [r.id for r in outbox.of_matter(tx, "m2")] == [id]
        assert outbox.of_matter(tx, "m1") == []
        assert outbox.drop_lines(tx, id, left.mail.lines, "answered")
    assert row(store, id).state == "withdrawn"


def test_a_list_that_somebody_has_got_stays_as_it_is_for_the_others(store: Store) -> None:
    (id,) = ask(store, mail("m1", "m2"))
    freeze(store, id)
    claim(store)
    settle(store, id, Said("a@x.example", "delivered"), Said("b@x.example", "later"))
    lines = row(store, id).mail.lines
    with store.writing() as tx:
        assert not outbox.drop_lines(tx, id, lines[:1], "answered")
        assert outbox.drop_lines(tx, id, lines, "answered")
    assert row(store, id).state == "withdrawn"


def test_what_a_sender_finds_answered_was_no_attempt(store: Store) -> None:
    (id,) = ask(store, mail("m1", "m2"))
    freeze(store, id)
    claim(store)
    with store.writing() as tx:
        assert outbox.drop_lines(tx, id, mail("m1", "m2").lines[:1], "answered", who="me")
        assert outbox.sent_since(tx, NOW) == 0
        assert outbox.join(tx, id, mail("m2", "m3"))
    assert (row(store, id).state, row(store, id).attempts) == ("asked", 0)


def test_changed_facts_send_it_back_unless_somebody_has_it(store: Store) -> None:
    id = ready(store)
    with store.writing() as tx:
        assert outbox.back_to_asked(tx, id, "head changed")
    assert (row(store, id).state, row(store, id).message_id) == ("asked", "")
    freeze(store, id)
    claim(store)
    settle(store, id, Said("a@x.example", "delivered"), Said("b@x.example", "later"))
    with store.writing() as tx:
        assert not outbox.back_to_asked(tx, id, "head changed")


def test_a_held_mail_whose_facts_changed_stays_held(store: Store) -> None:
    id = ready(store)
    with store.writing() as tx:
        outbox.hold(tx, id, None, "x")
        outbox.back_to_asked(tx, id, "facts")
        assert row_of(tx, id).state == "held"
        outbox.release(tx, id)
        assert row_of(tx, id).state == "asked"


def test_lists_join_until_they_have_left(store: Store) -> None:
    id = ready(store)
    with store.writing() as tx:
        assert [r.id for r in outbox.at_home(tx, unit="HQ")] == [id]
        assert outbox.at_home(tx, unit="CW") == []
        assert outbox.join(tx, id, mail("m1", "m2"))
    assert row(store, id).state == "asked"
    freeze(store, id)
    claim(store)
    with store.writing() as tx:
        assert not outbox.join(tx, id, mail("m1", "m2", "m3"))
        assert outbox.at_home(tx) == []


def test_a_broken_template_waits_and_is_tried_again(store: Store) -> None:
    (id,) = ask(store)
    with store.writing() as tx:
        assert outbox.broke(tx, id, "缺少字段", NOW + timedelta(hours=1))
        assert outbox.to_prepare(tx, NOW) == []
        assert outbox.next_moment(tx) == NOW + timedelta(hours=1)
        assert [r.id for r in outbox.to_prepare(tx, NOW + timedelta(hours=1))] == [id]
    freeze(store, id)
    assert (row(store, id).state, row(store, id).why) == ("frozen", "")


@pytest.mark.parametrize("release", ["officer", "director", "unless_held"])
def test_what_waits_for_a_release_does_not_leave_before(store: Store, release: str) -> None:
    id = ready(store, release=release)
    with store.reading() as tx:
        assert outbox.to_send(tx, NOW) == []
        assert outbox.next_moment(tx) is None
    assert claim(store) is None
    with store.writing() as tx:
        if release == "unless_held":
            outbox.announced(tx, [id], NOW)
        else:
            outbox.announced(tx, [id], NOW)
            assert outbox.to_send(tx, NOW) == []
            assert outbox.approve(tx, id)
    assert claim(store) is not None


def test_an_answer_to_a_frozen_mail_finds_its_matters(store: Store) -> None:
    with store.writing() as tx:
        for n in (1, 2):
            lead = Assignment("HQ", "lead")
            projections.write(tx, Matter(f"m{n}", "t", "s", "r", "HQ", ref=RefNo(2026, n), assignments=(lead,), seq=1))
        (id,) = outbox.ask(tx, [mail("m1", "m2")], NOW)
        assert ledger.known(tx).threads == {}
        outbox.freeze(tx, id, frozen(5), NOW)
        known = ledger.known(tx)
        assert known.threads["tok.5@x.example"].matters == ("m1", "m2")
        assert known.tokens["tok"].unit == "HQ"
        assert [r.id for r in outbox.by_sign(tx, "<tok.5@x.example>")] == [id]
        assert [r.id for r in outbox.by_sign(tx, "tok")] == [id]
        assert outbox.by_sign(tx, "") == []


def test_ceilings_count_mails_and_in_a_rehearsal_the_person_meant(store: Store) -> None:
    everyone = "all@x.example"
    one = ready(
        store, Addressed(everyone, "to", "head", "a@x.example"), Addressed(everyone, "cc", "liaison", "b@x.example")
    )
    two = ready(store, Addressed(everyone, "to", "head", "a@x.example"))
    for id in (one, two):
        taken = claim(store)
        assert taken is not None
        assert taken.to_deliver == (everyone,)
        assert settle(store, id, Said(everyone, "delivered")) == "delivered"
    with store.reading() as tx:
        assert outbox.sent_since(tx, NOW) == 2
        assert outbox.sent_since(tx, NOW + timedelta(seconds=1)) == 0
        assert outbox.sent_to_since(tx, "a@x.example", NOW) == 2
        assert outbox.sent_to_since(tx, "b@x.example", NOW) == 1
        assert outbox.sent_to_since(tx, everyone, NOW) == 0


def test_lists_by_state_matter_and_pages(store: Store) -> None:
    ids = ask(store, mail("m1"), mail("m2"), mail("m1"))
    freeze(store, ids[1])
    with store.reading() as tx:
        assert [r.id for r in outbox.listing(tx)] == ids
        assert [r.id for r in outbox.listing(tx, state="asked")] == [ids[0], ids[2]]
        assert [r.id for r in outbox.listing(tx, matter="m1")] == [ids[0], ids[2]]
        assert [r.id for r in outbox.listing(tx, limit=1, after=ids[0])] == [ids[1]]
        assert outbox.listing(tx)[0].mail == mail("m1")
