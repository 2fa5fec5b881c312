"""matters.csv: what its rows become, held against the ledger; the same file again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.procedure.shapes import ImportDispatched, Matter, Propose, RefNo
from daemon.roster import matters
from daemon.roster.matters import COLUMNS, Plan, Surroundings
from daemon.roster.shapes import BadFile
from daemon.roster.sources import item_of

AROUND = Surroundings("北师督字", {"U1", "U2"}, date(2026, 11, 24), {"高远": "A1", "林静": "A2"})


def cells(**given: str) -> str:
    row = {
        "事项": "明厨亮灶",
        "来源": "校长批示",
        "办理要求": "完成改造。",
        "主办单位": "U1",
        "要求反馈时间": "2026-12-15",
    }
    return ",".join((row | given).get(column, "") for column in COLUMNS)


def planned(folder: Path, rows: list[str], ledger: list[Matter] | None = None) -> Plan:
    file = folder / "m.csv"
    file.write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    numbers = count(1)
    read = matters.read(file, AROUND)
    return matters.plan("m.csv", read, ledger or [], AROUND, lambda: f"new{next(numbers)}")


def stands(command: Propose | ImportDispatched, **changed: object) -> Matter:
    """The ledger's matter once the command was taken."""
    dispatched = isinstance(command, ImportDispatched)
    matter = Matter(
        id=command.matter,
        title=command.title,
        source=command.source,
        requirements=command.requirements,
        lead=command.lead,
        supporting=command.supporting,
        phase="running" if dispatched else "ready" if command.leader_opinion else "proposed",
        ref=command.ref,
        director_opinion=command.director_opinion,
        leader_opinion=command.leader_opinion,
        instructing_leader=command.instructing_leader if isinstance(command, Propose) else None,
        deadline=command.deadline,
        first_deadline=command.deadline if dispatched else None,
        dispatched_on=command.dispatched_on if isinstance(command, ImportDispatched) else None,
    )
    return replace(matter, **changed)  # type: ignore[arg-type]


def test_a_row_with_its_day_of_dispatch_is_running(tmp_path: Path) -> None:
    row = cells(
        文号="北师督字〔2026〕第5号", 协办单位="U2", 交办时间="2026-09-01", 要求反馈时间="2026-09-30",
        主办交办邮件="a@b", 协办交办邮件="<c@d>",
    )  # fmt: skip
    (command,) = planned(tmp_path, [row]).dispatched
    assert command.ref == RefNo(2026, 5)
    assert command.message_ids == ("a@b", "c@d")
    assert (command.dispatched_on, command.deadline) == (date(2026, 9, 1), date(2026, 9, 30))


def test_rows_with_numbers_go_first(tmp_path: Path) -> None:
    plan = planned(
        tmp_path, [cells(学校领导意见="同意"), cells(文号="2026-9", 事项="另一项", 学校领导意见="同意。林静 11.23")]
    )
    assert [command.ref for command in plan.commands] == [RefNo(2026, 9), None]
    assert [c.instructing_leader for c in plan.proposed] == [None, "A2"]


@given(
    st.lists(st.tuples(st.sampled_from(["甲", "乙", "丙"]), st.sampled_from(["", "同意"]), st.booleans()), max_size=6)
)
def test_the_same_file_again_changes_nothing(rows: list[tuple[str, str, bool]]) -> None:
    import tempfile

    text = [
        cells(事项=title, 学校领导意见=opinion, 文号=f"2026-{n}" if sent else "", 交办时间="2026-11-02" if sent else "")
        for n, (title, opinion, sent) in enumerate(rows, start=1)
    ]
    with tempfile.TemporaryDirectory() as name:
        first = planned(Path(name), text)
        assert len(first.commands) == len(rows)
        again = planned(Path(name), text, [stands(command) for command in first.commands])
    assert again.commands == ()
    assert again.unchanged == len(rows)


def test_a_draft_follows_its_row_and_loses_nothing(tmp_path: Path) -> None:
    (first,) = planned(tmp_path, [cells(学校办公室负责人意见="拟办")]).proposed
    held = stands(first, leader_opinion="同意", phase="ready", ref=RefNo(2026, 3), instructing_leader="A1")
    assert planned(tmp_path, [cells()], [held]).unchanged == 1
    (draft,) = planned(tmp_path, [cells(要求反馈时间="2026-12-20")], [held]).updated
    assert draft.matter == held.id
    assert draft.deadline == date(2026, 12, 20)
    assert (draft.leader_opinion, draft.director_opinion, draft.ref) == ("同意", "拟办", RefNo(2026, 3))


def test_a_draft_that_has_been_dispatched_since_stays(tmp_path: Path) -> None:
    (first,) = planned(tmp_path, [cells(学校领导意见="同意")]).proposed
    held = stands(first, phase="running", ref=RefNo(2026, 3), first_deadline=first.deadline, deadline=date(2027, 1, 5))
    assert planned(tmp_path, [cells(学校领导意见="同意")], [held]).unchanged == 1


def test_two_equal_rows_are_two_matters(tmp_path: Path) -> None:
    plan = planned(tmp_path, [cells(), cells()])
    assert len(plan.proposed) == 2
    assert planned(tmp_path, [cells(), cells()], [stands(c) for c in plan.proposed]).unchanged == 2


def test_a_number_of_another_matter_is_refused(tmp_path: Path) -> None:
    row = cells(文号="2026-5", 交办时间="2026-11-02")
    (first,) = planned(tmp_path, [row]).dispatched
    with pytest.raises(BadFile, match=r"第2行“事项”列.*2026-5.*已有.*明厨亮灶"):
        planned(tmp_path, [cells(文号="2026-5", 事项="别的", 交办时间="2026-11-02")], [stands(first)])


def test_the_deadline_of_an_old_draft_must_come_only_while_it_waits(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="早于今天"):
        planned(tmp_path, [cells(要求反馈时间="2026-11-23")])
    assert planned(tmp_path, [cells(要求反馈时间="2026-11-24")]).proposed


@pytest.mark.parametrize(
    ("words", "item"),
    [
        ("2026年第18次校长办公会议决定", 1),
        ("落实教育厅会议精神", 1),
        ("年度工作要点第23项", 2),
        ("校发〔2026〕40号文件执行", 3),
        ("校长批示", 4),
        ("副校长交办", 4),
        ("校长信箱", 5),
        ("家长来信", 5),
        ("教代会提案", 5),
        ("上级交办", 6),
        ("省督导组来校", 6),
        ("", None),
    ],
)
def test_the_item_is_proposed_from_the_words(words: str, item: int | None) -> None:
    assert item_of(words) == item
