"""One mail that cannot be made or looked at stops no other."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.compose import prepare as composing
from tests.world.office import Office


def fails_for(unit: str, whole: Any) -> Any:
    """`whole`, but a mail to `unit` meets a bug of ours."""

    def work(tx: Any, row: Any, *rest: Any) -> Any:
        if row.mail.unit == unit and row.mail.template == "dispatch":
            raise KeyError(unit)
        return whole(tx, row, *rest)

    return work


def test_a_bug_in_preparing_stops_that_one_mail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "compose", fails_for("HQ", composing.compose))
    office.matter("供热管网检修", "2026-11-23")
    office.matter("教材选用自查", "2026-11-23", lead="JW")
    states = {row.mail.unit: row.state for row in office.rows() if row.mail.template == "dispatch"}
    assert states == {"HQ": "broken", "JW": "delivered"}
    assert "broken" in office.alarms()


def test_a_bug_in_the_last_look_stops_that_one_mail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composing, "facts", fails_for("HQ", composing.facts))
    office.matter("供热管网检修", "2026-11-23")
    office.matter("教材选用自查", "2026-11-23", lead="JW")
    office.live("2026-11-02 08:20")
    states = {row.mail.unit: row.state for row in office.rows() if row.mail.template == "dispatch"}
    assert states["JW"] == "delivered"
    assert states["HQ"] in ("broken", "frozen")
    assert "broken" in office.alarms()
