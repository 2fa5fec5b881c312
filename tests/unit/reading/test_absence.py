"""Away, until which day, or only a mailbox that says that the mail has come."""

from __future__ import annotations

from datetime import date

import pytest

from daemon.reading.absence import absence

BASE = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("您好，我正在外地休假，12月1日返岗，急事请联系办公室。", "2026-11-30"),
        ("本人于11月20日至11月30日休假。", "2026-11-30"),
        ("11月20日至30日外出学习，邮件不能及时回复。", "2026-11-30"),
        ("休假至2026.12.5", "2026-12-05"),
        ("本周出差，下周一返校，届时回复您。", "2026-11-29"),
        ("我于2026年11月23日—12月4日参加封闭培训。", "2026-12-04"),
        ("I am out of office until 2026-12-01.", "2026-12-01"),
        ("休年假到下周五，请联系马四。", "2026-12-04"),
        ("返校时间：12月3日。外出期间请打手机。", "2026-12-02"),
        ("出差在外，无法及时回复邮件。", None),
        ("本人已调离后勤管理处，此邮箱不再使用。", None),
    ],
)
def test_away(words: str, until: str | None) -> None:
    found = absence(words, BASE)
    assert found is not None
    assert found.until == (date.fromisoformat(until) if until else None)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "您的邮件我已收到，会尽快回复。",
        "来信收悉，谢谢！本邮箱由系统自动回复。",
        "您好，邮件已收到，将于12月1日前回复。",
        "邮件已收到，本人近期没有外出，会尽快处理。",
    ],
)
def test_not_away(words: str) -> None:
    assert absence(words, BASE) is None
