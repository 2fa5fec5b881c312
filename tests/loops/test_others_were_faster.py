"""Where somebody else wrote first: the loops try again on what is so now, and what was sent is never forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.loops import read as reading
from daemon.loops import send as sending
from daemon.register import MovedOn
from store import letters
from store.transaction import StoreError
from tests.world.office import Office


@pytest.mark.parametrize("error", [MovedOn("m1"), StoreError("locked"), StoreError("moved"), StoreError("unreachable")])
def test_what_smtp_said_is_written_at_the_next_try(
    office: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    settle, failed = sending._settle, []

    def once_faster(*args: Any) -> None:
        settle(*args)
        if not failed:
            failed.append(1)
            raise error

    monkeypatch.setattr(sending, "_settle", once_faster)
    office.matter("供热管网检修", "2026-11-23")
    assert failed
    assert [row.state for row in office.rows() if row.mail.template == "dispatch"] == ["delivered"]
    assert len(office.courier.sent) == 1


def test_a_letter_that_somebody_else_settled_meanwhile_registers_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease ran out over a slow attachment, or another reader took it: what it said stands once."""
    office.matter("供热管网检修", "2026-11-23")
    whole = reading._settle_all

    def other_first(tx: Any, understood: Any, world: Any, now: Any) -> Any:
        for one in understood:
            letters.settle(tx, one.claimed.id, "ignored", now, by="officer:zhong")
        return whole(tx, understood, world, now)

    monkeypatch.setattr(reading, "_settle_all", other_first)
    office.answer("已收到通知单，我处将按要求抓紧办理。", office.mails("dispatch")[0], "hq.head@lcnu.example")
    office.live("2026-11-02 08:30")
    assert office.get("m1").assignments[0].acknowledged_at is None
    assert [row.state for row in office.letters() if row.state != "own"] == ["ignored"]
