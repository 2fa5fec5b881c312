"""The form's cells by their labels."""

from __future__ import annotations

from daemon.attachments.form import LABELS, cells_by_label, looks_like_form


def test_labels_beside_and_below_one_another() -> None:
    rows = [
        ["主办单位", "教务处", "要求反馈时间", "2026年12月15日"],
        ["协办单位", "", None, None],
        ["督查督办\n事项", "一、检查。", None, None],
        ["学校办公室\n负责人意见", "请办理。", None, None],
        ["学校领导\n意见", "同意。", None, None],
        ["办 结 报 告", "已办结。", None, None],
    ]
    assert cells_by_label(rows) == {
        "主办单位": "教务处",
        "要求反馈时间": "2026年12月15日",
        "协办单位": "",
        "督查督办事项": "一、检查。",
        "学校办公室负责人意见": "请办理。",
        "学校领导意见": "同意。",
        "办结报告": "已办结。",
    }


def test_an_empty_first_column_continues_the_row_above_over_pages() -> None:
    rows = [["办结报告", "第一页的话。"], ["", "第二页的话。"], [None, "第三页的话。"]]
    assert cells_by_label(rows) == {"办结报告": "第一页的话。\n第二页的话。\n第三页的话。"}


def test_a_row_of_another_table_ends_the_cell() -> None:
    rows = [["办结报告", "已办结。"], ["序号", "内容"], ["", "附表的话"]]
    assert cells_by_label(rows) == {"办结报告": "已办结。"}


def test_a_label_as_words_in_a_cell_stays_words() -> None:
    rows = [["主办单位", "教务处"], ["督查督办事项", "请各单位报送\n办结报告"], ["办结报告", "主办单位"]]
    cells = cells_by_label(rows)
    assert cells["督查督办事项"].startswith("请各单位报送")
    assert cells["办结报告"] == "主办单位"


def test_wrapped_lines_are_joined_and_paragraphs_kept() -> None:
    words = "12月11日前检修供热管网三十七处，全部通水试压\n合格，维修记录齐全。\n制度已经印发。"
    assert cells_by_label([["办结报告", words]]) == {
        "办结报告": "12月11日前检修供热管网三十七处，全部通水试压合格，维修记录齐全。\n制度已经印发。"
    }


def test_what_looks_like_the_form() -> None:
    assert looks_like_form("某校行政督查督办通知单\n" + "\n".join(LABELS))
    assert looks_like_form("某校行政督查督办通 知 单 主办单位 协办单位 督查督办\n事项 学校领导\n意见 办结报告")
    assert not looks_like_form("关于通知单的办结报告：主办单位已完成。")
    assert not looks_like_form("")
