"""How each mail program sets a clerk's words, the signature and the quoted original, as text and as HTML."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from daemon.procedure.workdays import SHANGHAI

WEEKDAYS = "一二三四五六日"
CLOUD = "https://transfer.mailqq.example/ftn/download?k="


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that is answered, as the clerk's program shows it."""

    message_id: str
    references: tuple[str, ...]
    subject: str
    at: datetime
    sender: str
    sender_address: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """What a clerk wrote, before the program makes bytes of it."""

    name: str
    address: str
    to_name: str
    to_address: str
    subject: str
    words: str
    at: datetime
    original: Original | None = None
    signature: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    cloud: str = ""  # name of a file kept elsewhere
    bulk: bool = False


def _lines(draft: Draft) -> str:
    return "\n".join([draft.words, *(["", *draft.signature] if draft.signature else [])])


def _divs(text: str) -> str:
    return "".join(f"<div>{html.escape(line, quote=False) or '<br>'}</div>" for line in text.split("\n"))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line, quote=False) or '<br>'}</p>" for line in text.split("\n"))


def _chinese_time(at: datetime, draft: Draft) -> str:
    local = at.astimezone(SHANGHAI)
    half = "上午" if local.hour < 12 else "下午"
    hour = local.hour if local.hour <= 12 else local.hour - 12
    day = f"{local.year}年{local.month}月{local.day}日(星期{WEEKDAYS[local.weekday()]})"
    return f"{day} {half}{hour}:{local:%M}"


def qq_text(draft: Draft) -> str:
    text = draft.words
    if (o := draft.original) is not None:
        pad = " " * 40
        text += (
            f"\n\n\n\n------------------&nbsp;原始邮件&nbsp;------------------\n"
            f'发件人:{pad}"{o.sender}"{pad}<{o.sender_address}&gt;;\n'
            f"发送时间:&nbsp;{_chinese_time(o.at, draft)}\n"
            f'收件人:&nbsp;"{draft.name}"<{draft.address}&gt;;\n\n'
            f"主题:&nbsp;{o.subject}\n\n\n\n{o.text}"
        )
    if draft.cloud:
        text += f"\n\n从QQ邮箱发来的超大附件\n\n{draft.cloud} (214.60M, 2026年12月19日 15:05 到期)"
        text += f"进入下载页面：{CLOUD}{_cloud_key(draft)}"
    return text


def _cloud_key(draft: Draft) -> str:
    return sha256(draft.cloud.encode()).hexdigest()[:12]


def qq_html(draft: Draft) -> str:
    page = '<meta http-equiv="Content-Type" content="text/html; charset=GB18030">' + _divs(draft.words)
    if (o := draft.original) is not None:
        head = (
            f'<div><b>发件人:</b>&nbsp;"{o.sender}"&lt;{o.sender_address}&gt;;</div>'
            f"<div><b>发送时间:</b>&nbsp;{_chinese_time(o.at, draft)}</div>"
            f'<div><b>收件人:</b>&nbsp;"{draft.name}"&lt;{draft.address}&gt;;<wbr></div><div></div>'
            f"<div><b>主题:</b>&nbsp;{html.escape(o.subject)}</div>"
        )
        page += (
            "<div><br></div><div><br></div>"
            '<div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">'
            "------------------&nbsp;原始邮件&nbsp;------------------</div>"
            f'<div style="font-size: 12px;background:#efefef;padding:8px;">{head}</div>'
            f"<div><br></div>{_divs(o.text)}"
        )
    if draft.cloud:
        link = f"{CLOUD}{_cloud_key(draft)}"
        page += (
            '<div id="QQMailBigAttach" style="background:#EFEFEF;padding:4px;clear:both;">'
            "<div><b>从QQ邮箱发来的超大附件</b></div><div>"
            f'<a href="{link}" target="_blank">{html.escape(draft.cloud)}</a>'
            '<span style="color:#bbb"> (214.60M, 2026年12月19日 15:05 到期)</span></div>'
            f'<div><a href="{link}" target="_blank">进入下载页面</a></div></div>'
        )
    return page


def netease_text(draft: Draft) -> str:
    text = _lines(draft)
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        quoted = "\n".join(">" + line for line in o.text.split("\n"))
        text += f'\n\n\n\n\n\nAt {local:%Y-%m-%d %H:%M:%S}, "{o.sender}" <{o.sender_address}> wrote:\n\n{quoted}'
    return text


def netease_html(draft: Draft) -> str:
    page = _divs(_lines(draft))
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        page += (
            '<br><br><br><div style="position:relative;zoom:1"></div><div id="divNeteaseMailCard"></div>'
            f'<p style="margin: 0;">At {local:%Y-%m-%d %H:%M:%S}, "{o.sender}" &lt;{o.sender_address}&gt; wrote:</p>'
            '<blockquote id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px 0.8ex; '
            f'BORDER-LEFT: #ccc 1px solid">{_divs(o.text)}</blockquote>'
        )
    return f'<div style="line-height:1.7;color:#000000;font-size:14px;font-family:Arial">{page}</div>'


def coremail_text(draft: Draft) -> str:
    text = _lines(draft)
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        text += (
            f'\n\n\n-----原始邮件-----\n发件人:"{o.sender}" <{o.sender_address}>\n'
            f"发送时间: {local:%Y-%m-%d %H:%M:%S} (星期{WEEKDAYS[local.weekday()]})\n"
            f'收件人: "{draft.name}" <{draft.address}>\n抄送: \n主题: {o.subject}\n\n{o.text}'
        )
    return text


def coremail_html(draft: Draft) -> str:
    page = _paragraphs(_lines(draft))
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        page += (
            '<br><br><br><blockquote name="replyContent" class="ReferenceQuote" style="padding-left:5px;'
            'margin-left:5px;border-left:#b6b6b6 2px solid;margin-right:0;">-----原始邮件-----<br>'
            f'<b>发件人:</b>"{o.sender}" &lt;{o.sender_address}&gt;<br>'
            f"<b>发送时间:</b>{local:%Y-%m-%d %H:%M:%S} (星期{WEEKDAYS[local.weekday()]})<br>"
            f'<b>收件人:</b>"{draft.name}" &lt;{draft.address}&gt;<br><b>抄送:</b><br>'
            f"<b>主题:</b>{html.escape(o.subject)}<br><br>{_divs(o.text)}</blockquote>"
        )
    return page


def outlook_text(draft: Draft) -> str:
    text = _lines(draft)
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        text += (
            f"\n\n发件人: {o.sender} <{o.sender_address}>\n"
            f"发送时间: {local.year}年{local.month}月{local.day}日 {local.hour}:{local:%M}\n"
            f"收件人: {draft.name} <{draft.address}>\n主题: {o.subject}\n\n{o.text}"
        )
    return text


def outlook_html(draft: Draft) -> str:
    def paragraphs(text: str) -> str:
        return "".join(
            f"<p class=MsoNormal><span style='font-size:10.5pt;font-family:等线'>{html.escape(line, quote=False)}"
            "<span lang=EN-US><o:p></o:p></span></span></p>\n"
            for line in text.split("\n")
        )

    page = paragraphs(_lines(draft))
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        when = f"{local.year}年{local.month}月{local.day}日 {local.hour}:{local:%M}"
        head = "<br>".join(
            f"<b><span style='font-size:11.0pt'>{label}<span lang=EN-US>:</span></span></b> {html.escape(value)}"
            for label, value in (
                ("发件人", f"{o.sender} <{o.sender_address}>"),
                ("发送时间", when),
                ("收件人", f"{draft.name} <{draft.address}>"),
                ("主题", o.subject),
            )
        )
        page += (
            "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
            f"<p class=MsoNormal align=left>{head}<o:p></o:p></p></div></div>{paragraphs(o.text)}"
        )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40"><head>'
        '<meta http-equiv=Content-Type content="text/html; charset=gb2312"><style><!--\np.MsoNormal\n'
        "\t{margin:0cm;font-size:10.5pt;}\n--></style></head><body lang=ZH-CN><div class=WordSection1>"
        f"{page}</div></body></html>"
    )


def iphone_text(draft: Draft) -> str:
    text = f"{draft.words}\n\n发自我的 iPhone"
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        quoted = "\n".join("> " + line for line in o.text.split("\n"))
        day = f"{local.year}年{local.month}月{local.day}日，{local.hour}:{local:%M}"
        text += f"\n\n> 在 {day}，{o.sender} <{o.sender_address}> 写道：\n> \n{quoted}"
    return text


def iphone_html(draft: Draft) -> str:
    page = f'{_divs(draft.words)}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">发自我的 iPhone</div>'
    if (o := draft.original) is not None:
        local = o.at.astimezone(SHANGHAI)
        day = f"{local.year}年{local.month}月{local.day}日，{local.hour}:{local:%M}"
        page += (
            f'<div dir="ltr"><br><blockquote type="cite">在 {day}，{o.sender} &lt;{o.sender_address}&gt; 写道：'
            '<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">'
            f"\ufeff{_divs(o.text)}</div></blockquote>"
        )
    return f'<html><head></head><body dir="auto">{page}</body></html>'
