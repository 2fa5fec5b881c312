"""The new words of replies as the usual clients write them; every quote says what must not be read."""

from __future__ import annotations

from typing import Any

import pytest

OURS = "总务处：\n　　请于2026年12月15日前报送办结报告；不能按期办结的，请说明原因，提出延期申请。\n\n督察科"
HEADERS = "发件人：督察科 <duban@uni.example>\n发送时间：2026年11月23日 9:00\n收件人：李宁\n主题：【督办】第5号\n"
QUOTED = "\n".join(f"> {line}" for line in OURS.split("\n"))

TEXTS = {
    "qq": "{0}\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n" + HEADERS + "\n" + OURS,
    "coremail": "{0}\n\n-----原始邮件-----\n" + HEADERS + "\n" + OURS,
    "163": '{0}\n\nAt 2026-11-23 09:00:00, "督察科" <duban@uni.example> wrote:\n' + QUOTED,
    "163 unmarked": '{0}\n\n在 2026-11-23 09:00:00，"督察科" <duban@uni.example> 写道：\n' + OURS,
    "outlook": "{0}\n\n李宁\n松原学院总务处\n电话：0999-5550100\n\n" + HEADERS + "\n" + OURS,
    "outlook english": "{0}\n\n________________________________\nFrom: 督察科 <duban@uni.example>\n"
    "Sent: Monday, November 23, 2026 9:00\nTo: 李宁\nSubject: 【督办】第5号\n\n" + OURS,
    "iphone": "{0}\n\n发自我的 iPhone\n\n> 在 2026年11月23日，09:00，督察科 <duban@uni.example> 写道：\n> \n" + QUOTED,
    "gmail": "{0}\n\n督察科 <duban@uni.example> 于2026年11月23日周一 09:00写道：\n\n" + QUOTED,
    "gmail folded": "{0}\n\n督察科 <duban@uni.example> 于2026年11月23日周一\n09:00写道：\n\n" + QUOTED,
    "thunderbird": "{0}\n\n-- \n李宁\n总务处\n\n在 2026/11/23 9:00, 督察科 写道:\n" + QUOTED,
    "bottom": "在 2026/11/23 9:00, 督察科 写道:\n" + QUOTED + "\n\n{0}",
    "huawei": "{0}\n\n发自我的华为手机\n\n\n-------- 原始邮件 --------\n" + HEADERS + OURS,
    "disclaimer": "{0}\n\n本邮件及其附件含有松原学院的保密信息，仅限于发送给上面地址中列出的个人。\n任何人不得泄露。",
    "virus": "{0}\n\n--\nVirus-free. www.avast.com",
    "external": "【外部邮件】此邮件来自外部，请谨慎点击链接。\n\n{0}",
    "colophon": "{0}\n\n松原学院总务处\n2026年11月24日",
    "colophon chinese": "{0}\n\n　　　　　　总务处（公章）\n　　　　二〇二六年十一月二十四日",
    "telephone": "{0}\n\n李宁\n总务处 联络员\n手机：13800000000\nzw@uni.example",
    "rule": "{0}\n\n------------------\n总务处办公室\n电话：0999-5550100",
}
WORDS = [
    "收到。",
    "督察科：\n　　热水系统改造正在推进，已完成三栋。\n　　此致\n敬礼！",
    "因厂家缺货，申请延期至12月30日。\n妥否，请批示。",
]


def folded(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("client", TEXTS)
def test_text(office: Any, client: str, words: str) -> None:
    got = office.read(TEXTS[client].replace("{0}", words), answers="tok5a.1.x@uni.example")
    assert folded(got.body) == folded(words)


def _lines(text: str) -> str:
    return "".join(f"<div>{line or '<br>'}</div>" for line in text.split("\n"))


HTMLS = {
    "qq": "{0}<div><br></div><div>------------------&nbsp;原始邮件&nbsp;------------------</div>"
    + _lines(HEADERS.replace("<", "&lt;").replace(">", "&gt;"))
    + _lines(OURS),
    "coremail": "{0}<br><blockquote>-----原始邮件-----<br>" + _lines(OURS) + "</blockquote>",
    "163": '{0}<br><p>At 2026-11-23 09:00:00, "督察科" &lt;duban@uni.example&gt; wrote:</p>'
    '<blockquote id="isReplyContent">' + _lines(OURS) + "</blockquote>",
    "outlook": "<div class=WordSection1>{0}<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    "<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>发件人:</b> 督察科<br>"
    "<b>发送时间:</b> 2026年11月23日 9:00<br><b>收件人:</b> 李宁<br><b>主题:</b> 第5号"
    "</p></div>" + _lines(OURS) + "</div>",
    "gmail": '{0}<br><div class="gmail_quote"><div class="gmail_attr">督察科 &lt;duban@uni.example&gt; 写道：</div>'
    "<blockquote>" + _lines(OURS) + "</blockquote></div>",
    "feishu": '{0}<div class="lark-mail-sign"><hr>李宁<br>总务处</div><blockquote>' + _lines(OURS) + "</blockquote>",
    "foxmail": "{0}<hr><div>李宁</div><div>总务处</div><div>电话：0999-5550100</div><blockquote>"
    + _lines(OURS)
    + "</blockquote>",
    "table": "<table><tr><td>{0}</td></tr></table><blockquote>" + _lines(OURS) + "</blockquote>",
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("client", HTMLS)
def test_html(office: Any, client: str, words: str) -> None:
    got = office.read("", html=HTMLS[client].replace("{0}", _lines(words)))
    assert folded(got.body) == folded(words)
    assert "html_differs" not in got.doubts


def test_words_between_our_lines(office: Any) -> None:
    text = (
        "在 2026/11/23 9:00, 督察科 写道:\n> 事项：热水改造。\n已完成三栋。\n> 要求反馈时间：12月15日\n时间没有问题。"
    )
    assert folded(office.read(text).body) == "已完成三栋。时间没有问题。"


@pytest.mark.parametrize("words", ["收到", "李处长已签收。", "签收人：王敏，2026年11月24日。", "谢谢", "同意"])
def test_short_words_are_no_signature(office: Any, words: str) -> None:
    assert folded(office.read(words).body) == folded(words)


def test_a_quoted_deadline_is_not_asked_for(office: Any) -> None:
    got = office.read(TEXTS["coremail"].replace("{0}", "收到。"))
    assert (got.said[0].kind, got.said[0].new_deadline) == ("receipt", None)


def test_below_a_quote_without_depth_a_person_looks(office: Any) -> None:
    text = "-----原始邮件-----\n" + HEADERS + "\n" + OURS + "\n三栋已通热水，其余在施工。"
    got = office.read(text)
    assert (folded(got.body), got.decision) == ("三栋已通热水，其余在施工。", "queue")


def test_somebody_elses_mail_passed_on_is_not_the_senders_word(office: Any) -> None:
    headers = "发件人：基建公司 <x@firm.example>\n发送时间：2026年11月23日 9:00\n收件人：李宁\n主题：情况\n"
    got = office.read("-----原始邮件-----\n" + headers + "\n改造已全部办结，共更换管道1200米，验收合格。")
    assert (got.body, got.decision == "register") == ("", False)
