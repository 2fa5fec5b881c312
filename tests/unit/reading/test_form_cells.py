"""Words typed into our pasted form, and answers told from our mail by their colour."""

from __future__ import annotations

import html
from typing import Any

import pytest

ROWS = (
    "松原学院行政督查督办通知单",
    "行政督查督办单位（公章）：学校办公室",
    "松院督字〔2026〕第5号　交办时间：2026年11月2日",
    "主办单位|总务处",
    "要求反馈时间|2026年12月15日",
    "协办单位|学工部",
    "督查督办<br>事项|学生公寓热水系统改造。逐栋改造，通热水。",
    "学校办公室<br>负责人意见|请按要求办理。",
    "学校领导<br>意见|同意立项督办。",
    "签收|{0}",
    "办结报告|{1}",
    "（主办单位公章）　（协办单位公章）",
    "要求：",
    "1．接到本《通知》后，请按行政督查督办程序和时限要求办理，并由主办单位按时将本通知单反馈交办部门。",
    "2．如不能按时完成，请在要求时限内书面报告进展情况。",
    "3．督查内容或办结报告内容较多，可另附附件。",
    "交办部门联系人：谷若溪　联系电话：0999-5550126",
)


def table(signed: str, report: str) -> str:
    rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split("|")) + "</tr>" for row in ROWS)
    return f"<table border=1>{rows}</table>".replace("{0}", signed).replace("{1}", report)


def plain(signed: str, report: str) -> str:
    return "\n".join(ROWS).replace("<br>", "").replace("|", "：").replace("{0}", signed).replace("{1}", report)


FILLED = {
    "both": ("李宁 11月3日", "三栋已完成，余下两栋12月10日前通热水。"),
    "signed only": ("李宁", ""),
    "signed with a day": ("收到。李宁 2026.11.3", ""),
    "report only": ("", "改造五栋，更换水箱12台，已通热水。"),
    "asks": ("李宁", "厂家断货，申请延期至2026年12月28日。"),
}


@pytest.mark.parametrize("filled", FILLED)
@pytest.mark.parametrize("top", ["", "督察科：表已填好，请审。"])
def test_typed_into_the_pasted_form(office: Any, filled: str, top: str) -> None:
    signed, report = FILLED[filled]
    wanted = "".join((top + signed + report).split())
    page = f"<div>{top}</div>{table(signed, report)}"
    assert "".join(office.read("", html=page).body.split()) == wanted
    assert "".join(office.read(f"{top}\n\n{plain(signed, report)}").body.split()) == wanted
    both = office.read(f"{top}\n\n{plain(signed, report)}", html=page)
    assert ("".join(both.body.split()), "html_differs" in both.doubts) == (wanted, False)


def test_a_report_of_many_lines_in_its_cell(office: Any) -> None:
    report = "<p>一、更换水箱12台。</p><p>二、管道保温300米。</p><p>三、五栋全部通热水。</p>"
    got = office.read("", html=table("李宁", report) + "<div>李宁</div><div>总务处</div>")
    assert "".join(got.body.split()) == "李宁一、更换水箱12台。二、管道保温300米。三、五栋全部通热水。"


def test_an_empty_form_says_nothing(office: Any) -> None:
    got = office.read("", html="<div>表收到，下周填。</div>" + table("", ""))
    assert "".join(got.body.split()) == "表收到，下周填。"


REPORTS = [
    "督查督办事项：热水系统改造\n主办单位：总务处\n办结情况：五栋全部通热水，验收合格。",
    "松院督字〔2026〕第5号通知单收悉。\n主办单位：总务处\n签收人：李宁",
    "办结报告\n一、办理情况：已完成。\n二、落实情况：均已到位。",
    "督查督办通知单已签收。",
]


@pytest.mark.parametrize("words", REPORTS)
def test_the_senders_own_headings_are_no_form(office: Any, words: str) -> None:
    assert "".join(office.read(words).body.split()) == "".join(words.split())


OUR_LINES = (
    "总务处：",
    "　　现将通知单（松院督字〔2026〕第5号）发给你们，请按要求办理。",
    "　　办理要求：逐栋改造。",
    "　　要求反馈时间：2026年12月15日",
    "　　回复时请勿改动主题。",
    "学校办公室督察科",
    "联系人：谷若溪　电话：0999-5550126",
)
ANSWERS = {1: "由李宁签收。", 2: "三栋已完成。", 3: "能按期。"}
HEAD = ("发件人: 督察科 <duban@uni.example>", "发送时间: 2026年11月2日 9:00", "收件人: 李宁", "主题: 【督办】第5号")


def answered(colour: str, wrap: str = "{0}", ours: str = "") -> str:
    lines = "".join(f"<div>{html.escape(line)}</div>" for line in HEAD)
    for n, line in enumerate(OUR_LINES):
        lines += f"<p style='{ours}'>{line}</p>"
        if n in ANSWERS:
            lines += f"<p>{colour.replace('{0}', ANSWERS[n])}</p>"
    return wrap.replace("{0}", lines)


COLOURS = {
    "font": '<font color="#ff0000">{0}</font>',
    "font by name": "<font color=red>{0}</font>",
    "style": '<span style="color:#C00000">{0}</span>',
    "rgb": '<span style="color: rgb(255, 0, 0);">{0}</span>',
    "blue": '<span lang=EN-US style="color:#0070C0">{0}</span>',
    "bold": '<b><span style="color:red">{0}</span></b>',
}


@pytest.mark.parametrize("top", ["", "谷老师，见下面红字。", "督察科：逐项答复如下。\n\n李宁\n总务处"])
@pytest.mark.parametrize("wrap", ["{0}", "<blockquote>{0}</blockquote>"])
@pytest.mark.parametrize("colour", COLOURS)
def test_answers_in_colour_between_our_lines(office: Any, colour: str, wrap: str, top: str) -> None:
    above = "".join(f"<div>{line or '<br>'}</div>" for line in top.split("\n"))
    got = office.read("", html=above + answered(COLOURS[colour], wrap))
    said = top.partition("\n")[0] + "由李宁签收。三栋已完成。能按期。"
    assert "".join(got.body.split()) == said
    assert "unclear" not in got.doubts


def test_the_text_part_of_a_coloured_answer_is_no_other_word(office: Any) -> None:
    lines = list(HEAD)
    for n, line in enumerate(OUR_LINES):
        lines += [line, ANSWERS[n]] if n in ANSWERS else [line]
    got = office.read("见红字。\n\n" + "\n".join(lines), html="<div>见红字。</div>" + answered(COLOURS["font"]))
    assert ("".join(got.body.split()), "html_differs" in got.doubts) == (
        "见红字。由李宁签收。三栋已完成。能按期。",
        False,
    )


def test_without_colour_and_mark_a_person_looks(office: Any) -> None:
    lines = list(HEAD)
    for n, line in enumerate(OUR_LINES):
        lines += [line, "三栋已完成。"] if n == 2 else [line]
    got = office.read("答复写在原文下面。\n\n" + "\n".join(lines))
    assert ("".join(got.body.split()), got.decision) == ("答复写在原文下面。三栋已完成。", "queue")


def test_a_quote_all_in_one_colour_is_no_answer(office: Any) -> None:
    source = "<div>收到。</div><blockquote style='color:#0000ff'>" + answered("{0}") + "</blockquote>"
    assert office.read("", html=source).body.strip() == "收到。"


def test_what_we_ourselves_set_in_colour_is_no_answer(office: Any) -> None:
    ours = (
        "<div>收到。</div>" + "".join(f"<div>{html.escape(line)}</div>" for line in HEAD) + "<p>总务处：</p>"
        "<p>请按要求办理。<span style='color:#b3261e'>特急</span></p>"
        "<p style='color:#b3261e'>要求反馈时间：2026年12月15日</p><p style='color:#b3261e'>▲ 逾期2日</p>"
        "<p><a style='color:#1f5fa8' href='https://x.example'>登录督办系统</a></p><p>督察科</p>"
    )
    assert office.read("", html=ours).body.strip() == "收到。"


def test_red_words_of_a_mail_that_is_not_ours_are_not_the_senders(office: Any) -> None:
    head = "发件人: 公司 <x@firm.example><br>发送时间: 2026年11月2日<br>收件人: 李宁<br>主题: 情况"
    other = f"<div>转呈。</div><div>{html.escape(head).replace('&lt;br&gt;', '<br>')}</div><p>您好：</p>"
    other += "<p><font color=red>改造已全部办结。</font></p><p>第二行</p><p>第三行</p>"
    assert office.read("", html=other).body.strip() == "转呈。"
