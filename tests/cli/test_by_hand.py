"""What came by telephone or on paper, registered from the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import TODAY, Run, day, matters_file, row


@pytest.fixture
def matter(run: Run, home: Path, tmp_path: Path) -> str:
    file = matters_file(tmp_path, row("2026-5", supporting="U2", dispatched=day(-20), deadline=day(9)))
    assert run("matters", "import", file, "-C", home).code == 0
    return "2026-5"


def shown(run: Run, home: Path, ref: str) -> dict:
    return run("matters", "show", ref, "--json", "-C", home).lines[0]


def test_a_signature(run: Run, home: Path, matter: str) -> None:
    done = run("matters", "acknowledge", matter, "U1", "--by", "head", "--on", day(-18), "--words", "电话", "-C", home)
    assert (done.code, done.out) == (0, "已登记签收。\n")
    assert shown(run, home, matter)["acknowledged"]["U1"].startswith(f"{day(-18)}T00:00")
    again = run("matters", "acknowledge", "第5号", "总务处", "--by", "liaison", "-C", home)
    assert (again.code, again.out) == (0, "该单位已经签收，没有变化。\n")
    assert run("matters", "acknowledge", matter, "外院", "--by", "liaison", "--way", "当面", "-C", home).code == 0
    assert shown(run, home, matter)["acknowledged"]["U2"].startswith(TODAY.isoformat())


def test_progress_report_and_request(run: Run, home: Path, matter: str) -> None:
    assert run("matters", "progress", matter, "U2", "--words", "已完成一半", "-C", home).code == 0
    done = run("matters", "report", matter, "--on", day(-1), "--words", "3页，存2号卷", "-C", home)
    assert done.code == 0, done.err
    assert shown(run, home, matter)["report_waiting"]
    again = run("matters", "report", matter, "-C", home)
    assert again.code == 1
    assert "已有一份办结报告待审" in again.err
    ask = ("matters", "ask-extension", matter, "--reason", "设备未到货", "--to", day(20), "-C", home)
    assert run(*ask).code == 0
    assert "已有一份延期申请待批" in run(*ask).err
    rows = run("outbox", "list", "--json", "-C", home).lines
    assert [(r["template"], r["unit"]) for r in rows] == [("received", "U1"), ("received", "U1")]
    assert run("verify", "-C", home).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("acknowledge", "2026-5", "U1", "--by", "king"), "“king”不是签收人"),
        (("acknowledge", "2026-5", "U9", "--by", "head"), "没有“U9”这个单位"),
        (("acknowledge", "2026-5", "U3", "--by", "head"), "不是该事项的主办或协办单位"),
        (("acknowledge", "2026-5", "U1", "--by", "head", "--on", day(1)), "还没有到"),
        (("acknowledge", "2026-5", "U1", "--by", "head", "--on", day(-21)), "早于交办时间"),
        (("acknowledge", "2026-5", "U1", "--by", "head", "--on", "昨天"), "不是日期"),
        (("acknowledge", "2026-5", "U1", "--by", "head", "--way", "飞鸽"), "“飞鸽”不认识"),
        (("acknowledge", "2026-77", "U1", "--by", "head"), "没有找到"),
        (("progress", "2026-5", "--words", " "), "是空的"),
        (("report", "2026-5", "U2"), "办结报告由主办单位统一报送"),
        (("ask-extension", "2026-5", "--reason", " ", "--to", day(20)), "没有写明不能按期办结的原因"),
        (("ask-extension", "2026-5", "--reason", "缺货", "--to", day(5)), "不晚于现行期限"),
    ],
)
@pytest.mark.usefixtures("matter")
def test_what_cannot_be(run: Run, home: Path, words: tuple[str, ...], said: str) -> None:
    before = run("verify", "-C", home, "--json").lines[0]["entries"]
    done = run("matters", *words, "-C", home)
    assert done.code == 1
    assert said in done.err
    assert run("verify", "-C", home, "--json").lines[0]["entries"] == before


def test_a_later_instruction_is_seen_in_the_facts(run: Run, home: Path, matter: str) -> None:
    done = run("matters", "approve", matter, "--words", "请抓紧，月底前办结。", "-C", home)
    assert (done.code, done.out) == (0, "已登记批示 2026-5。\n")
    row = shown(run, home, matter)
    assert [(i["words"], i["leader"], i["name"], i["on"]) for i in row["instructions"]] == [
        ("请抓紧，月底前办结。", None, "校领导", TODAY.isoformat())
    ]
    assert row["phase"] == "running"
    assert "请抓紧，月底前办结。" in run("matters", "show", matter, "-C", home).out
