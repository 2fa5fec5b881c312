"""Which day is asked for, and whether a reason is told: letters of 2026-11-10 on a matter due on 2026-11-20, a Friday.

new_deadlines.tsv holds forms, one a line, each of which must be right; tests/sayings/*.tsv what clerks write, by share.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from daemon.procedure.workdays import load_calendar
from daemon.reading.acts import Context, find_acts
from daemon.reading.clauses import parse
from daemon.reading.dates import find
from daemon.reading.deadline import Deadline, new_deadline
from daemon.reading.moments import Base
from daemon.reading.reasons import reasons

CALENDAR = load_calendar("")
MAIL, DUE = date(2026, 11, 10), date(2026, 11, 20)
BASE = Base(MAIL, DUE, CALENDAR)
FORMS = Path(__file__).with_name("new_deadlines.tsv")
SAYINGS = Path(__file__).parents[2] / "sayings"
#: Of all labelled sayings, whoever wrote them.
SHARE_OF_DAYS, SHARE_OF_REASONS = 0.98, 0.98


def forms() -> list[tuple[str, str]]:
    lines = FORMS.read_text(encoding="utf-8").splitlines()
    return [(day, words) for day, words in (line.split("\t") for line in lines)]


def sayings() -> Iterator[tuple[str, bool, str, str, str]]:
    """File names, registered, title, words, new day of each labelled extension."""
    for file in sorted(SAYINGS.glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, files, day, registered, title, words = line.split("\t")
            if kind == "extension":
                yield files, registered == "1", title, words.replace("\\n", "\n"), day


def told(words: str, title: str = "") -> tuple[Deadline, str]:
    """The new deadline and the reasons of words that ask for one."""
    parsed = parse(words, title)
    acts = find_acts(parsed, Context(deadline=DUE, base=MAIL, calendar=CALENDAR, title=title))
    found = new_deadline(words, BASE, find(words, BASE))
    return found, "；".join(clause.raw for clause in reasons(acts, parsed, title, found.start))


def named(found: Deadline) -> str:
    return found.day.isoformat() if found.day else "-"


@pytest.mark.parametrize(("day", "words"), forms())
def test_form(day: str, words: str) -> None:
    assert named(told(words)[0]) == day


def test_most_days_that_clerks_write_are_read() -> None:
    read = [(named(told(words, title)[0]), day, words) for _, _, title, words, day in sayings()]
    wrong = [each for each in read if each[0] != each[1]]
    assert len(read) > 300
    assert 1 - len(wrong) / len(read) >= SHARE_OF_DAYS, wrong


def test_most_reasons_that_clerks_tell_are_seen() -> None:
    registered = [told(words, title)[1] for files, yes, title, words, _ in sayings() if yes and files == "-"]
    assert sum(map(bool, registered)) / len(registered) >= SHARE_OF_REASONS


@pytest.mark.parametrize(
    "words",
    [
        "能不能给我们延到12月3日，拜托了。",
        "期限从20号改12月11号，谢啦",
        "主任让我跟您说，期限加一个月，请理解。",
        "12月2日报结，比通知的时间晚，先跟您说一声。",
        "本月底交，不是20号，您帮记一下",
        "因故不能按期完成，申请延期到12月4日。",
        "恳请领导体谅实际困难，延期至12月4日，给您添麻烦了。",
    ],
)
def test_courtesies_and_the_asking_are_no_reason(words: str) -> None:
    assert told(words)[1] == ""


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("厂家缺货，申请延期到12月4日。", "厂家缺货"),
        ("申请延期到12月4日，主要负责人住院了。", "主要负责人住院了"),
        ("专家组现场验收推到12月15日，因此申请延至12月18日办结。", "专家组现场验收推到12月15日"),
        ("因设备未到货申请延期至12月4日。", "因设备未到货申请延期至12月4日"),
    ],
)
def test_a_fact_beside_the_asking_is_a_reason(words: str, reason: str) -> None:
    assert reason in told(words)[1]


@pytest.mark.parametrize(
    "words",
    [
        "申请延期至12月4日，或者延期至12月9日，设备未到。",
        "申请顺延15个工作日，延至2026年12月15日，设备未到。",
        "申请延期至12月4日，12月18日前完成并报送，设备未到。",
    ],
)
def test_days_that_contradict_are_left_to_a_person(words: str) -> None:
    found = told(words)[0]
    assert (found.day, found.several) == (None, True)
