"""The commands over a real store: import, dispatch, lists, acts, rules."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from .conftest import TODAY, UNITS, Run, day, matters_file, row


def test_dash_c_stands_anywhere_and_duban_home_counts(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for words in (
        ("-C", home, "units", "list"),
        ("units", "-C", home, "list"),
        ("units", "list", "-C", home),
        ("units", "list", f"-C{home}"),
    ):
        done = run(*words)
        assert done.code == 0
        assert "外国语学院" in done.out
    monkeypatch.setenv("DUBAN_HOME", str(home))
    assert "外国语学院" in run("units", "list").out
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path))
    assert "外国语学院" in run("units", "list", "-C", home).out
    monkeypatch.delenv("DUBAN_HOME")
    monkeypatch.chdir(home)
    assert "外国语学院" in run("units", "list").out


def test_usage_is_2_and_a_wrong_folder_is_1(run: Run, tmp_path: Path) -> None:
    assert run("units", "export").code == 2
    assert run("dispatch", "-C", tmp_path).code == 2
    done = run("units", "list", "-C", tmp_path)
    assert done.code == 1
    assert "duban init" in done.err


def test_units_again_change_nothing_and_a_changed_row_updates(run: Run, home: Path, born: Path, tmp_path: Path) -> None:
    again = run("units", "import", born / "units.csv", "-C", home, "--json")
    assert again.lines == [{"added": 0, "changed": 0, "unchanged": 3}]
    entries = run("verify", "-C", home, "--json").lines[0]["entries"]
    new = tmp_path / "units.csv"
    new.write_text(UNITS.replace("叶子,yezi@", "叶梓,yezi2@"), encoding="gb18030")
    assert run("units", "import", new, "-C", home, "--json").lines == [{"added": 0, "changed": 1, "unchanged": 2}]
    assert run("verify", "-C", home, "--json").lines[0]["entries"] == entries + 1
    units = run("units", "list", "--json", "-C", home).lines
    assert units[0]["liaison"] == {"name": "叶梓", "title": "", "address": "yezi2@north.example"}


def test_matters_dispatched_before(run: Run, home: Path, tmp_path: Path) -> None:
    (tmp_path / "n.pdf").write_bytes(b"%PDF notice")
    file = matters_file(
        tmp_path,
        row("北师督字〔2026〕第5号", supporting="U2；U3", dispatched=day(-30), deadline=day(-2), notice="n.pdf",
            mails="<a1@north.example>,b2@north.example；<c3@north.example>"),
        row("2026-7", "外语角", lead="U2", dispatched=day(-3).replace("-", "/"), deadline=day(20)),
    )  # fmt: skip
    first = run("matters", "import", file, "-C", home, "--json")
    assert first.lines == [{"dispatched": 2, "proposed": 0, "changed": 0, "unchanged": 0}]
    again = run("matters", "import", file, "-C", home, "--json")
    assert again.lines == [{"dispatched": 0, "proposed": 0, "changed": 0, "unchanged": 2}]
    shown = run("matters", "show", "北师督字2026年5号", "-C", home, "--json").lines[0]
    assert shown["ref"] == "2026-5"
    assert shown["phase"] == "running"
    ids = [a["message_id"] for a in shown["assignments"]]
    assert ids == ["a1@north.example", "b2@north.example", "c3@north.example"]
    assert shown["source_item"] == 4
    assert run("outbox", "list", "--json", "-C", home).out == ""
    assert run("verify", "-C", home).code == 0


def test_matters_to_be_dispatched(run: Run, home: Path, tmp_path: Path) -> None:
    rows = [
        row("", "拟办一项", deadline=""),
        row("", "已批一项", deadline=day(20), leader="同意。林静 11.24"),
        row("2026-9", "自带文号", deadline=day(25), leader="同意。高远"),
    ]
    file = matters_file(tmp_path, *rows)
    assert run("matters", "import", file, "-C", home, "--json").lines[0]["proposed"] == 3
    assert run("matters", "import", file, "-C", home, "--json").lines[0]["unchanged"] == 3
    listed = {m["title"]: m for m in run("matters", "list", "-C", home, "--json").lines}
    assert (listed["拟办一项"]["phase"], listed["拟办一项"]["ref"]) == ("proposed", None)
    assert (listed["已批一项"]["phase"], listed["已批一项"]["ref"]) == ("ready", f"{TODAY.year}-10")
    assert listed["自带文号"]["ref"] == "2026-9"
    approved = matters_file(tmp_path, row("", "拟办一项", deadline=day(15), leader="同意。高远"), *rows[1:])
    assert run("matters", "import", approved, "-C", home, "--json").lines[0] == {
        "dispatched": 0, "proposed": 0, "changed": 1, "unchanged": 2,
    }  # fmt: skip
    listed = {m["title"]: m for m in run("matters", "list", "-C", home, "--json").lines}
    assert listed["拟办一项"]["ref"] == f"{TODAY.year}-11"


def test_from_new_to_the_outbox(run: Run, home: Path) -> None:
    base = ("matters", "new", "-C", home, "--lead", "U1", "--supporting", "U2", "--requirements", "1.完成；2.报告。")
    bad = run(*base, "--title", "期限已过", "--deadline", day(-1), "--leader-opinion", "同意")
    assert bad.code == 1
    assert "早于今天" in bad.err
    done = run(
        *base, "--title", "供暖检修", "--deadline", day(30), "--leader-opinion", "同意", "--leader", "A2", "--json"
    )
    assert done.code == 0, done.err
    ref = done.lines[0]["ref"]
    assert ref == f"{TODAY.year}-1"
    sent = run("dispatch", "第1号", "--now", "-C", home, "--json")
    assert sent.code == 0, sent.err
    assert sent.lines == [{"ref": ref, "id": done.lines[0]["id"], "units": ["U1", "U2"]}]
    rows = run("outbox", "list", "-C", home, "--json").lines
    assert [(r["template"], r["unit"], r["refs"], r["state"]) for r in rows] == [
        ("dispatch", "U1", [ref], "asked"),
        ("dispatch", "U2", [ref], "asked"),
    ]
    assert rows[0]["not_before"].endswith("+08:00")
    assert run("outbox", "hold", rows[0]["id"], "--why", "等附件", "-C", home).code == 0
    assert run("outbox", "show", rows[0]["id"], "-C", home, "--json").lines[0]["state"] == "held"
    assert run("outbox", "release", rows[0]["id"], "-C", home).code == 0
    assert run("outbox", "show", rows[0]["id"], "-C", home, "--json").lines[0]["state"] == "asked"
    assert "无须认定" in run("outbox", "settle", rows[0]["id"], "--delivered", "-C", home).err
    again = run("dispatch", ref, "-C", home)
    assert again.code == 1
    assert "已经交办" in again.err
    assert run("dispatch", "--ready", "-C", home).code == 0


def test_acts_go_through_the_law(run: Run, home: Path, tmp_path: Path) -> None:
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-9), deadline=day(9)), row("", "拟办", deadline=day(9)))
    assert run("matters", "import", file, "-C", home).code == 0
    assert run("matters", "close", "2026-5", "-C", home).code == 1
    assert run("matters", "suspend", "2026-5", "--why", "校长要求暂缓", "-C", home).code == 0
    assert run("matters", "show", "5", "--json", "-C", home).lines[0]["suspended"]
    assert run("matters", "resume", "2026-5", "-C", home).code == 0
    draft = next(m for m in run("matters", "list", "--json", "-C", home).lines if m["ref"] is None)
    assert run("matters", "approve", draft["id"], "--words", "同意", "--leader", "A1", "-C", home).code == 0
    assert run("matters", "void", "2026-5", "--why", "重复", "-C", home).code == 0
    assert "没有找到" in run("matters", "show", "2026-99", "-C", home).err


def test_preview_tells_the_whole_climb(run: Run, home: Path, tmp_path: Path) -> None:
    file = matters_file(tmp_path, row("2026-5", supporting="U2", dispatched=day(0), deadline=day(30)))
    assert run("matters", "import", file, "-C", home).code == 0
    lines = run("reminders", "preview", "2026-5", "-C", home, "--json").lines
    assert all({"stage", "at", "to", "mail", "release", "reason"} <= set(line) for line in lines)
    assert all(line["at"].endswith("+08:00") for line in lines)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    by_stage = {line["stage"]: line for line in lines}
    assert by_stage["pre2"]["to"] == ["yezi@north.example"]
    assert by_stage["lead3"]["to"] == ["linjing@north.example"]
    assert by_stage["lead3"]["release"] == "unless_held"
    assert by_stage["pres10"]["to"] == ["gaoyuan@north.example"]


def test_rules_go_out_and_in(run: Run, home: Path, tmp_path: Path) -> None:
    for name in ("school", "calendar", "policy"):
        file = tmp_path / f"{name}.toml"
        assert run(name, "export", file, "-C", home).code == 0
        assert "没有变化" in run(name, "import", file, "-C", home).out
    policy = tmp_path / "policy.toml"
    text = policy.read_text(encoding="utf-8")
    assert "[holidays" not in text
    assert "[holidays.2026]" in (tmp_path / "calendar.toml").read_text(encoding="utf-8")
    policy.write_text(text.replace("near_wd = 3", "near_wd = 4"), encoding="utf-8")
    assert "已更新" in run("policy", "import", policy, "-C", home).out
    assert "没有变化" in run("policy", "import", policy, "-C", home).out
    policy.write_text(text.replace("near_wd = 3", 'near_wd = "bald"'), encoding="utf-8")
    done = run("policy", "import", policy, "-C", home)
    assert done.code == 1
    assert "near_wd" in done.err


def test_xlsx_is_as_good(run: Run, home: Path, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    text = matters_file(tmp_path, row("2026-5", dispatched=day(-9), deadline=day(9))).read_text(encoding="utf-8")
    for line in text.splitlines():
        sheet.append(line.split(","))
    book.save(tmp_path / "matters.xlsx")
    assert run("matters", "import", tmp_path / "matters.xlsx", "-C", home, "--json").lines[0]["dispatched"] == 1


def test_status_and_verify_tell_json(run: Run, home: Path) -> None:
    status = run("status", "--json", "-C", home).lines[0]
    assert status["running"] is False
    assert status["matters"] == {}
    assert run("verify", "--json", "-C", home).lines[0]["faults"] == []


def test_read_names_the_fields_of_the_samples(run: Run, home: Path, tmp_path: Path) -> None:
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-9), deadline=day(9), mails="<t5@north.example>,"))
    assert run("matters", "import", file, "-C", home).code == 0
    mail = tmp_path / "a.eml"
    mail.write_text(
        "From: =?utf-8?b?5Y+25a2Q?= <yezi@north.example>\nTo: dc@north.example\nSubject: Re: notice\n"
        "In-Reply-To: <t5@north.example>\nMessage-ID: <x@north.example>\nContent-Type: text/plain; charset=utf-8\n"
        "\n收到。\n",
        encoding="utf-8",
    )
    (line,) = run("read", mail, "-C", home, "--json").lines
    assert line["file"] == "a.eml"
    assert line["readings"] == [{"ref": "2026-5", "kind": "receipt", "new_deadline": None}]
    assert (line["unit"], line["trusted"], line["decision"], line["attachments"]) == ("U1", True, "register", [])
    assert line["evidence"]
    assert "读不了" in run("read", tmp_path / "none.eml", "-C", home).err
    assert json.dumps(run("letters", "list", "--json", "-C", home).lines) == "[]"
