"""What clerks write, by kind: invented sentences, one a line, in sayings.tsv."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from daemon.procedure.workdays import load_calendar
from daemon.reading.acts import Context
from daemon.reading.classify import classify

SAYINGS = Path(__file__).with_name("sayings.tsv")
CALENDAR = load_calendar("")
#: Sentences that a person must look at although their kind is right.
UNREPORTED = ("全部改完了，验收单和照片发您。",)


def cases() -> list[tuple[str, str, str]]:
    lines = SAYINGS.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")[:3]) for line in lines if line and not line.startswith("#")]  # type: ignore[misc]


def context(kind: str, files: str, words: str) -> Context:
    progress = "进展" in words
    return Context(
        deadline=date(2026, 12, 15),
        base=date(2026, 11, 24),
        calendar=CALENDAR,
        title="学生公寓热水系统改造",
        report_file="r" in files and kind != "extension" and not progress,
        progress_file="r" in files and progress,
        extension_file="r" in files and kind == "extension",
        form_file="f" in files,
        other_file="e" in files,
    )


@pytest.mark.parametrize(("kind", "files", "words"), cases())
def test_kind(kind: str, files: str, words: str) -> None:
    got = classify(words, context(kind, files, words))
    assert got.kind == kind
    if kind == "closure" and words not in UNREPORTED:
        assert got.report_there


@pytest.mark.parametrize("words", [w for k, _, w in cases() if k not in ("closure", "extension")])
def test_nothing_grave_is_read_into_it(words: str) -> None:
    """Never a closure or an extension out of a sentence that is neither, also where a report lies beside it."""
    got = classify(words, context("progress", "-", words))
    assert got.kind not in ("closure", "extension")


@pytest.mark.parametrize(
    ("words", "doubt"),
    [
        ("我处撤回上周提交的延期申请。", "withdrawal"),
        ("上一封邮件作废，以本邮件为准，事项正在办理。", "withdrawal"),
        ("设备厂家破产，我们不得不申请延期至12月29日。", "unclear"),
        ("情况复杂。", "unclear"),
        ("热水系统这事儿我们心里有数。", "unclear"),
        ("冬天水管容易冻。", "unclear"),
        ("情况比较特殊，回头细说。", "unclear"),
        ("请予销号。", "unclear"),
        ("关于此事，另函说明。", "two_opinions"),
    ],
)
def test_doubt(words: str, doubt: str) -> None:
    assert doubt in classify(words, context("progress", "-", words)).doubts


def test_a_supporting_unit_closes_its_part_only() -> None:
    ctx = Context(lead=False, deadline=date(2026, 12, 15), base=date(2026, 11, 24), calendar=CALENDAR)
    got = classify("我处承担的任务已全部办结，共检查14栋楼。", ctx)
    assert (got.kind, got.part) == ("progress", True)


def test_words_between_quotation_marks_are_not_the_senders() -> None:
    got = classify("贵科通知要求“12月15日前办结”，我处正在办理。", context("progress", "-", ""))
    assert got.kind == "progress"


def test_a_reason_is_more_than_a_wish() -> None:
    bare = classify("热水系统改造申请延期到12月30号", context("extension", "-", ""))
    assert (bare.kind, bare.new_deadline, bare.reason) == ("extension", date(2026, 12, 30), "")
    empty = classify("因故不能按期完成，申请延期到12月30日。", context("extension", "-", ""))
    assert empty.reason == ""
    told = classify("厂家缺货，申请延期到12月30日。", context("extension", "-", ""))
    assert told.reason == "厂家缺货"
