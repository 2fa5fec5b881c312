"""How each mail program writes: its headers, its text, its HTML and the way in which it quotes."""

# ruff: noqa: E501 (the HTML of each program stands here as the program writes it)

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime

WEEK = "一二三四五六日"


@dataclass(frozen=True)
class Quoted:
    """The mail that is answered."""

    who: str
    address: str
    to: str
    to_address: str
    at: datetime
    subject: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Habit:
    """What a program writes of itself. `prefix` before the subject of an answer, `encoding` of its text parts."""

    charset: str
    encoding: str
    prefix: str
    headers: tuple[str, ...]
    message_id: str
    html: bool = True


HABITS = {
    "qq": Habit(
        "gb18030",
        "base64",
        "回复：",
        ("X-QQ-mid: webmail{n}t{n}", "X-QQ-STYLE: ", "X-QQ-MIME: TCMime 1.0 by Tencent", "X-Mailer: QQMail 2.x"),
        "<tencent_{h}@qq.com>",
    ),
    "exmail": Habit(
        "utf-8",
        "base64",
        "回复：",
        ("X-QQ-mid: bizesmtp{n}t{n}", "X-QQ-MIME: TCMime 1.0 by Tencent", "X-Mailer: QQMail 2.x", "X-BIZMAIL-ID: {n}"),
        "<tencent_{h}@qq.com>",
    ),
    "foxmail": Habit(
        "gb2312",
        "base64",
        "回复: ",
        ("X-Priority: 3", "X-GUID: {h}", "X-Has-Attach: no", "X-Mailer: Foxmail 7.2.25.331[cn]"),
        "<{n}@{d}>",
    ),
    "163": Habit(
        "GBK",
        "base64",
        "Re:",
        ("X-Priority: 3", "X-Mailer: Coremail Webmail Server Version 2025.1-cmXT6 163com", "X-CM-SenderInfo: {h}"),
        "<{h}.Coremail.u@163.com>",
    ),
    "126": Habit(
        "GBK",
        "base64",
        "Re:",
        ("X-Priority: 3", "X-Mailer: Coremail Webmail Server Version 2025.1-cmXT6 126com", "X-CM-SenderInfo: {h}"),
        "<{h}.Coremail.u@126.com>",
    ),
    "coremail": Habit(
        "UTF-8",
        "base64",
        "Re: ",
        (
            "X-Originating-IP: [10.8.3.20]",
            "X-CM-HeaderCharset: UTF-8",
            "X-Mailer: Coremail Webmail Server Version XT6.0.7",
        ),
        "<{h}.Coremail.u@{d}>",
    ),
    "outlook": Habit(
        "gb2312",
        "quoted-printable",
        "答复: ",
        ("X-Mailer: Microsoft Outlook 16.0", "Thread-Index: AQ{h}", "Content-Language: zh-cn"),
        "<{h}$@{d}>",
    ),
    "iphone": Habit("utf-8", "quoted-printable", "回复：", ("X-Mailer: iPhone Mail (23C55)",), "<{h}@{d}>"),
    "feishu": Habit("UTF-8", "quoted-printable", "回复：", ("X-Lms-Return-Path: <lba+{h}>",), "<{h}@mail.feishu.cn>"),
    "dingtalk": Habit(
        "UTF-8",
        "base64",
        "回复：",
        ("X-Alimail-AntiSpam: AC=PASS;BC=-1|-1", "X-Mailer: [Alimail-Mailagent revision 5][W4_0.2.3][v5ForDing]"),
        "<{h}.u@{d}>",
    ),
    "gmail": Habit("UTF-8", "base64", "Re: ", ("X-Gm-Features: {h}",), "<CA{h}@mail.gmail.com>"),
    "thunderbird": Habit("UTF-8", "8bit", "Re: ", ("User-Agent: Mozilla Thunderbird",), "<{h}@{d}>", html=False),
    "huawei": Habit("utf-8", "base64", "回复：", ("X-Mailer: Huawei Mail 14.0.2",), "<{h}@{d}>"),
    "wecom": Habit("utf-8", "base64", "回复：", ("X-Mailer: WeWork 4.1.30",), "<{h}@wework.example>"),
    "wechat": Habit("utf-8", "base64", "", ("X-Mailer: WeChat Mail Forward",), "<{h}@weixin.example>"),
}

STAMP = {"iphone": "发自我的 iPhone", "huawei": "发自我的华为手机", "wecom": "发自我的企业微信"}


def zh(moment: datetime) -> str:
    half = "上午" if moment.hour < 12 else "下午"
    return f"{moment:%Y}年{moment.month}月{moment.day}日(星期{WEEK[moment.weekday()]}) {half}{moment.hour % 12 or 12}:{moment:%M}"


def text_quote(client: str, q: Quoted) -> list[str]:
    """The quoted mail as lines of text, its head as the program writes it."""
    body = list(q.lines)
    day = f"{q.at.year}年{q.at.month}月{q.at.day}日"
    if client in {"qq", "exmail"}:
        head = [
            "------------------&nbsp;原始邮件&nbsp;------------------",
            f'发件人: "{q.who}" <{q.address}&gt;;',
            f"发送时间:&nbsp;{zh(q.at)}",
            f'收件人:&nbsp;"{q.to}"<{q.to_address}&gt;;',
            "",
            f"主题:&nbsp;{q.subject}",
            "",
        ]
        return ["", "", "", *head, *body]
    if client == "foxmail":
        head = [
            "发件人： " + f"{q.who} <{q.address}>",
            f"发送时间： {q.at:%Y-%m-%d %H:%M}",
            f"收件人： {q.to} <{q.to_address}>",
            f"主题： {q.subject}",
        ]
        return [" ", *head, *body]
    if client in {"163", "126"}:
        return [
            "",
            "",
            "",
            f'At {q.at:%Y-%m-%d %H:%M:%S}, "{q.who}" <{q.address}> wrote:',
            "",
            *(">" + b for b in body),
        ]
    if client == "coremail":
        head = [
            "-----原始邮件-----",
            f'发件人:"{q.who}" <{q.address}>',
            f"发送时间: {q.at:%Y-%m-%d %H:%M:%S} (星期{WEEK[q.at.weekday()]})",
            f'收件人: "{q.to}" <{q.to_address}>',
            "抄送: ",
            f"主题: {q.subject}",
            "",
        ]
        return ["", "", *head, *body]
    if client == "outlook":
        head = [
            f"发件人: {q.who} <{q.address}> ",
            f"发送时间: {day} {q.at:%H:%M}",
            f"收件人: {q.to} <{q.to_address}>",
            f"主题: {q.subject}",
            "",
        ]
        return ["", *head, *body]
    if client == "iphone":
        return ["", *("> " + b for b in [f"在 {day}，{q.at:%H:%M}，{q.who} <{q.address}> 写道：", "", *body])]
    if client == "feishu":
        head = [f'发件人："{q.who}"<{q.address}>', f"发送时间：{day} {q.at:%H:%M}", f"主题：{q.subject}", ""]
        return ["", *("> " + b for b in [*head, *body])]
    if client == "dingtalk":
        head = [
            "-" * 66,
            f"发件人：{q.who} <{q.address}>",
            f"发送时间：{day}(周{WEEK[q.at.weekday()]}) {q.at:%H:%M}",
            f"收件人：{q.to}<{q.to_address}>",
            f"主　题：{q.subject}",
            "",
        ]
        return ["", *head, *body]
    if client == "gmail":
        head = f"{q.who} <{q.address}> 于{day}周{WEEK[q.at.weekday()]} {q.at:%H:%M}写道："
        return ["", head, "", *("> " + b for b in body)]
    if client == "thunderbird":
        return ["", f"在 {q.at.year}/{q.at.month}/{q.at.day} {q.at:%H:%M}, {q.who} 写道:", *("> " + b for b in body)]
    if client == "huawei":
        head = [
            "-------- 原始邮件 --------",
            f"发件人： {q.who} <{q.address}>",
            f"日期： {day}周{WEEK[q.at.weekday()]} {q.at:%H:%M}",
        ]
        return ["", *head, f"收件人： {q.to} <{q.to_address}>", f"主题： {q.subject}", "", *body]
    head = [
        "------------------ Original ------------------",
        f"From: {q.who} <{q.address}>",
        f"Date: {q.at:%a, %b %d, %Y %I:%M %p}",
    ]
    return ["", *head, f"To: {q.to} <{q.to_address}>", f"Subject: {q.subject}", "", *body]


def div(line: str) -> str:
    return f"<div>{html.escape(line, quote=False)}</div>" if line.strip() else "<div><br></div>"


def html_quote(client: str, q: Quoted) -> str:
    """The quoted mail as the program's HTML."""
    body = "".join(map(div, q.lines))
    head = [line for line in text_quote(client, q) if line.strip("> ")][: -len([x for x in q.lines if x.strip("> ")])]
    lines = "".join(div(line.lstrip("> ").replace("&nbsp;", " ").replace("&gt;", ">")) for line in head)
    if client in {"qq", "exmail"}:
        first, _, rest = lines.partition("</div>")
        return (
            f'<div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">{first[5:]}</div>'
            f'<div style="font-size: 12px;background:#efefef;padding:8px;">{rest}</div><div><br></div>{body}'
        )
    if client == "foxmail":
        return (
            '<blockquote style="margin-top: 0px; margin-bottom: 0px; margin-left: 0.5em;"><div>&nbsp;</div>'
            '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            f'<div style="PADDING-RIGHT: 8px; BACKGROUND: #efefef">{lines}</div></div><div><div>{body}</div></div></blockquote>'
        )
    if client in {"163", "126"}:
        return f'<br><p style="margin: 0;">{lines[5:-6]}</p><blockquote id="isReplyContent" style="BORDER-LEFT: #ccc 1px solid">{body}</blockquote>'
    if client == "coremail":
        return f'<br><blockquote name="replyContent" class="ReferenceQuote" style="padding-left:5px;border-left:#b6b6b6 2px solid">{lines}<br>{body}</blockquote>'
    if client == "outlook":
        word = "".join(
            f"<p class=MsoNormal><span style='font-family:宋体'>{html.escape(x, quote=False)}<o:p></o:p></span></p>"
            for x in q.lines
        )
        top = "<br>".join(f"<b><span lang=EN-US>{html.escape(x.strip(), quote=False)}</span></b>" for x in head)
        return (
            "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
            f"<p class=MsoNormal>{top}<o:p></o:p></p></div></div>{word}"
        )
    if client == "iphone":
        return f'<div dir="ltr"><br><blockquote type="cite">{lines[5:-6]}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">﻿{body}</div></blockquote>'
    if client == "feishu":
        return f'<div class="history-quote-wrapper" id="lark-mail-quote-1"><div class="adit-html-block" style="border-left:1px solid #BBBFC4"><div id="lark-mail-meta-x">{lines}</div>{body}</div></div>'
    if client == "dingtalk":
        return f'<blockquote style="margin-right:0;margin-top:0;margin-bottom:0;">{lines}<div><br></div>{body}</blockquote>'
    if client == "gmail":
        return f'<br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{lines[5:-6]}<br></div><blockquote class="gmail_quote" style="border-left:1px solid rgb(204,204,204)">{body}</blockquote></div>'
    if client == "huawei":
        return f'<div id="hwmail-original"><br>{lines}<br>{body}</div>'
    return f'<div><br></div><hr style="margin: 0 0 10px 0;border: 0;border-bottom:1px solid #E6E8EB;"><div style="font-size:14px">{lines}</div><br>{body}'


def text_of(client: str, body: list[str], sign: list[str], quoted: Quoted | None, bottom: bool) -> str:
    """The plain text part: new words, the signature, the client's own line, the quoted mail."""
    mark = {"exmail": "------------------", "coremail": "--", "thunderbird": "-- ", "gmail": "-- "}.get(client, "")
    end = (["", mark, *sign] if mark else ["", *sign]) if sign else []
    if client in STAMP:
        end += ["", STAMP[client]]
    quote = text_quote(client, quoted) if quoted else []
    if bottom:
        return "\n".join([*(q for q in quote if q), "", *body, *end])
    return "\n".join([*body, *end, *quote])


def html_of(client: str, body: list[str], sign: list[str], quoted: Quoted | None, bottom: bool) -> str:
    """The HTML part in the program's own shape."""
    quote = html_quote(client, quoted) if quoted else ""
    new = "".join(map(div, body))
    signed = "".join(map(div, sign))
    if client == "outlook":
        normal = "<p class=MsoNormal><span style='font-size:10.5pt;font-family:等线'>{}<span lang=EN-US><o:p></o:p></span></span></p>\n"
        new = "".join(normal.format(html.escape(x, quote=False) or "<o:p>&nbsp;</o:p>") for x in body)
        signed = "".join(normal.format(html.escape(x, quote=False)) for x in ["", *sign]) if sign else ""
        inside = quote + new + signed if bottom else new + signed + quote
        return (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
            '<head><meta name=Generator content="Microsoft Word 15 (filtered medium)"><style><!-- p.MsoNormal '
            "{margin:0cm;font-size:10.5pt;} --></style><!--[if gte mso 9]><xml><o:shapedefaults/></xml><![endif]--></head>"
            f"<body lang=ZH-CN><div class=WordSection1>{inside}</div></body></html>"
        )
    wrapped = {
        "feishu": '<div id="lark-mail-signature" class="lme-line-signature"><hr>{}</div>',
        "foxmail": '<div><br></div><hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" align="left"><div><span><div>{}</div></span></div>',
        "dingtalk": '<div class="__aliyun_signature_wrap"><br>{}</div>',
        "exmail": '<div><br></div><div class="xm_mail_sign">------------------<div>{}</div></div>',
        "gmail": '<br><div class="gmail_signature" data-smartmail="gmail_signature">{}</div>',
    }.get(client, "<div><br></div><div>--</div><div>{}</div>")
    end = wrapped.format(signed) if sign else ""
    if client == "iphone":
        end += f'<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{STAMP[client]}</div>'
    elif client == "huawei":
        end += f'<br><div id="hwmail-signature">{STAMP[client]}</div>'
    elif client == "wecom":
        end += f'<div><br></div><div class="wemail_sign" style="color:#8c8c8c">{STAMP[client]}</div>'
    inside = quote + "<br>" + new + end if bottom else new + end + quote
    if client == "qq":
        return f'<meta http-equiv="Content-Type" content="text/html; charset=GB18030">{inside}<style type="text/css">.qmbox style {{display: none !important;}}</style>'
    return f"<html><body>{inside}</body></html>"
