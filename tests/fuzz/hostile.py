"""Mails made to hurt: each a name and a maker, so that none is in memory before its turn; `big` ones take megabytes."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fuzz import bombs

HEAD = (
    b"Authentication-Results: gate.yxnu.example; spf=pass smtp.mailfrom=%(a)s; dmarc=pass header.from=yxnu.example\r\n"
    b"From: <%(a)s>\r\nTo: <duban@yxnu.example>\r\nMessage-ID: <hostile@yxnu.example>\r\n"
    b"Date: Tue, 24 Nov 2026 10:00:00 +0800\r\nMIME-Version: 1.0\r\n" % {b"a": b"tangyuanyuan@yxnu.example"}
)
TEXT = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
PAGE = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
SUBJECT = "Subject: 回复：【督办】云师督查字〔2026〕第1号\r\n".encode()


@dataclass(frozen=True)
class Hostile:
    name: str
    make: Callable[[], bytes]
    big: bool = False


def plain(text: str) -> bytes:
    return HEAD + SUBJECT + TEXT + b"\r\n" + text.encode()


def page(text: str) -> bytes:
    return HEAD + SUBJECT + PAGE + b"\r\n" + text.encode()


def under(head: bytes, text: str = "收到。") -> bytes:
    return HEAD + head + TEXT + b"\r\n" + text.encode()


def mixed(parts: Iterator[bytes] | list[bytes], kind: bytes = b"mixed") -> bytes:
    inside = b"".join(b"--b\r\n" + part + b"\r\n" for part in parts)
    return HEAD + SUBJECT + b'Content-Type: multipart/%s; boundary="b"\r\n\r\n' % kind + inside + b"--b--\r\n"


def attached(*files: tuple[str, bytes]) -> bytes:
    def part(name: str, data: bytes) -> bytes:
        shown = "".join(f"%{b:02X}" for b in name.encode()).encode()
        return (
            b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename*=utf-8''" + shown + b"\r\n\r\n" + base64.encodebytes(data)
        )

    return mixed([TEXT + b"\r\n" + "办结报告见附件。".encode(), *(part(*file) for file in files)])


def nested_parts(depth: int, kind: str = "mixed") -> bytes:
    before = b"".join(
        b'Content-Type: multipart/%s; boundary="b%d"\r\n\r\n--b%d\r\n' % (kind.encode(), n, n) for n in range(depth)
    )
    after = b"".join(b"\r\n--b%d--" % n for n in reversed(range(depth)))
    return HEAD + before + TEXT + b"\r\n" + "收到".encode() + after


#: Written again and again, each is hard for some careless pattern: names, dates, quotes, brackets, half sentences.
RUNS = {
    "one character": "一",
    "line ends": "\n",
    "blanks": " ",
    "wide blanks": "　",
    "blank lines": " \n",
    "arrows": ">",
    "arrows with blanks": "> ",
    "arrow lines": "> 收到\n",
    "dashes": "-",
    "dash lines": "-----\n",
    "digits": "9",
    "dots": ".",
    "colons": "：",
    "commas": "，",
    "opening brackets": "（",
    "square brackets": "[",
    "books": "《",
    "quotes": "“",
    "closing quotes": "”",
    "pairs": "“”",
    "numbers of ours": "第1号、",
    "whole numbers of ours": "云师督查字〔2026〕第1号，",
    "brackets of years": "〔2026〕",
    "years": "2026年",
    "months": "12月",
    "days": "12月30日",
    "half dates": "2026-12-",
    "chinese numerals": "二十",
    "delays": "申请延期至12月30日，",
    "delays by days": "顺延10个工作日",
    "weekdays": "下周五",
    "negations": "未不没",
    "conditions": "如果没有问题，",
    "all but": "除二号楼外，",
    "all": "全部",
    "done": "已办结",
    "not done": "尚未办结。",
    "will be done": "预计下周办结；",
    "please": "请贵科",
    "questions": "可否延期？",
    "because": "因为所以",
    "percent": "90%",
    "attributions": "在 2026年11月20日，督察科 写道：\n",
    "half attributions": "在 2026年11月20日 ",
    "at": "On 2026 at ",
    "separators": "------------------ 原始邮件 ------------------\n",
    "heads": "发件人：督察科\n",
    "head blocks": "发件人：a\n发送时间：b\n收件人：c\n主题：d\n",
    "addresses": "a@b.example ",
    "half addresses": "a@",
    "links": "https://x.example/下载 ",
    "files": "报告.docx\n",
    "big files": "从QQ邮箱发来的超大附件\n报告.pdf (1M, 到期)\n",
    "signatures": "-- \n",
    "names": "王小明\n",
    "names and days": "王小明\n2026年11月3日\n",
    "telephones": "电话：0777-6660108\n",
    "mobiles": "发自我的 iPhone\n",
    "disclaimers": "本邮件及其附件可能含有保密信息\n",
    "entities": "&nbsp;",
    "half entities": "&",
    "tags": "<b>",
    "half tags": "<",
    "combining marks": "e\u0301",
    "directions": "\u202e\u202d",
    "zero widths": "\u200b",
    "rare characters": "𬭎龑",
    "surname": "欧阳",
    "list items": "1.已完成\n",
    "circled": "①",
    "tabs": "\t",
    "semicolons": "；",
    "units": "教务处",
    "courtesies": "谢谢！",
    "read receipts": "您的邮件已被阅读",
    "bounces": "邮件被退回",
}


def of_runs(count: int) -> Iterator[Hostile]:
    """Each run as text, as a page, as subject, as file name."""
    for name, run in RUNS.items():
        times = max(2, count // len(run))
        big = count > 20_000
        yield Hostile(f"text of {name}", lambda run=run, times=times: plain(run * times), big)
        yield Hostile(f"page of {name}", lambda run=run, times=times: page("<div>" + run * times), big)
        yield Hostile(
            f"subject of {name}",
            lambda run=run, times=times: under(b"Subject: " + (run * times).encode() + b"\r\n"),
            big,
        )
        yield Hostile(
            f"{name} before and after words",
            lambda run=run, times=times: plain(
                f"因设备未到货，{run * times}办结报告见附件{run * times}，申请延期至12月30日。"
            ),
            big,
        )


def of_headers() -> Iterator[Hostile]:
    long = 1_000_000
    yield Hostile("a header of 100 MB", lambda: under(b"X-Long: " + b"a" * 100_000_000 + b"\r\n"), True)
    yield Hostile("a folded header of 100 MB", lambda: under(b"Subject: a\r\n" + b" folded\r\n" * 11_000_000), True)
    yield Hostile("100,000 headers", lambda: under(b"".join(b"X-%d: y\r\n" % n for n in range(100_000))), True)
    yield Hostile(
        "100,000 headers of one name",
        lambda: under(b"Received: by x; Tue, 24 Nov 2026 10:00:00 +0800\r\n" * 100_000),
        True,
    )
    yield Hostile("100,000 From", lambda: under(b"From: a@b.example\r\n" * 100_000), True)
    yield Hostile("100,000 addresses", lambda: under(b"Cc: " + b"a <a@b.example>, " * 100_000 + b"\r\n"), True)
    yield Hostile("100,000 words", lambda: under(b"Subject: " + b"=?utf-8?B?5pS2?= " * 100_000 + b"\r\n"), True)
    yield Hostile("100,000 references", lambda: under(b"References: " + b"<a@b.example> " * 100_000 + b"\r\n"), True)
    yield Hostile(
        "100,000 results", lambda: under(b"Authentication-Results: gate.yxnu.example; spf=pass\r\n" * 100_000), True
    )
    yield Hostile(
        "a result of 1 MB",
        lambda: under(b"Authentication-Results: gate.yxnu.example; " + b"spf=fail (" * 100_000 + b"\r\n"),
        True,
    )
    for name, piece in {
        "quotes": b'"',
        "brackets": b"(",
        "angles": b"<",
        "backslashes": b"\\",
        "commas": b",",
        "at": b"@",
        "colons": b":",
        "words": b"=?",
        "groups": b"a:b;",
        "nul": b"\0",
        "high": b"\xff",
    }.items():
        for field in (
            b"From",
            b"Subject",
            b"Date",
            b"Content-Type",
            b"Message-ID",
            b"In-Reply-To",
            b"Content-Disposition",
        ):
            yield Hostile(
                f"{field.decode()} of {name}",
                lambda field=field, piece=piece: field + b": " + piece * (200_000 // len(piece)) + b"\r\n" + under(b""),
            )
    yield Hostile(
        "a number of 10^6 digits",
        lambda: under("Subject: 云师督查字〔2026〕第".encode() + b"1" * long + "号\r\n".encode()),
        True,
    )
    yield Hostile("a date of 10^6 digits", lambda: under(b"Date: Tue, " + b"1" * long + b" Nov 2026\r\n"), True)
    yield Hostile(
        "a year of 5,000 digits", lambda: under("Subject: 督〔".encode() + b"2" * 5000 + "〕第1号\r\n".encode())
    )
    yield Hostile("no line end", lambda: b"Subject: x" + b" y" * long, True)
    yield Hostile("only line ends", lambda: b"\r\n" * long, True)
    yield Hostile("only carriage returns", lambda: HEAD.replace(b"\n", b"") + b"\r" * long, True)
    yield Hostile("nothing", lambda: b"")
    yield Hostile("a NUL", lambda: b"\0")
    yield Hostile("10,000 continuations", lambda: mixed([continued(range(10_000))]))
    yield Hostile("10,000 continuations backwards with gaps", lambda: mixed([continued(range(20_000, 0, -2))]))
    yield Hostile("continuation 10^9", lambda: mixed([continued([0, 1, 10**9, 10**40])]))
    yield Hostile(
        "100,000 parameters", lambda: mixed([b"Content-Type: a/b" + b"; name=x" * 100_000 + b"\r\n\r\nx"]), True
    )
    yield Hostile("a file name of 1 MB", lambda: attached(("长" * 300_000 + ".pdf", b"x")), True)


def continued(numbers: range | list[int]) -> bytes:
    rows = b"".join(b";\r\n filename*%d*=%%E9%%95%%BF" % n for n in numbers)
    return b"Content-Type: application/pdf\r\nContent-Disposition: attachment" + rows + b"\r\n\r\nx"


def of_bodies() -> Iterator[Hostile]:
    million = 1_000_000
    yield Hostile("a text of 20 MB", lambda: plain("办理情况：设备已到货，正在安装，预计下周完成。\n" * 300_000), True)
    yield Hostile("a line of 20 MB", lambda: plain("正在安装" * (20 * million // 12)), True)
    yield Hostile("a page of 20 MB", lambda: page("<p>设备已到货，正在安装。</p>" * 500_000), True)
    yield Hostile("一 two hundred thousand times", lambda: plain("一" * 200_000))
    yield Hostile("a 文号 of 10^6 digits", lambda: plain("云师督查字〔2026〕第" + "7" * million + "号收到"), True)
    yield Hostile(
        "base64 that never ends",
        lambda: HEAD + TEXT.replace(b"8bit", b"base64") + b"\r\n" + b"5pS25YiwCg" * 2_000_000,
        True,
    )
    yield Hostile("base64 of dirt", lambda: HEAD + TEXT.replace(b"8bit", b"base64") + b"\r\n" + b"!*=" * million, True)
    yield Hostile(
        "quoted-printable of =",
        lambda: HEAD + TEXT.replace(b"8bit", b"quoted-printable") + b"\r\n" + b"=" * 5_000_000,
        True,
    )
    yield Hostile(
        "uuencoded dirt", lambda: HEAD + TEXT.replace(b"8bit", b"x-uuencode") + b"\r\n" + b"M\xff\n" * million, True
    )
    for charset in (
        "utf-7",
        "hz-gb-2312",
        "iso-2022-cn",
        "utf-16",
        "utf-32",
        "idna",
        "punycode",
        "unicode_escape",
        "big5",
    ):
        for piece in (b"+ACg-~{<:Ky2;~}\x1b$)A\x0e", b"~{", b"\x1b$)A", b"+", b"\\N{DIGIT ONE}", b"\xff\xfe"):
            yield Hostile(
                f"{charset} of {piece[:4]!r}",
                lambda charset=charset, piece=piece: (
                    HEAD + TEXT.replace(b"utf-8", charset.encode()) + b"\r\n" + piece * (300_000 // len(piece))
                ),
            )
    yield Hostile(
        "flowed",
        lambda: HEAD + TEXT.replace(b"utf-8", b"utf-8; format=flowed; delsp=yes") + b"\r\n" + b"a \r\n" * 300_000,
        True,
    )
    for name, piece in {
        "div": "<div>",
        "table": "<table><tr><td>",
        "blockquote": "<blockquote>",
        "b": "<b>",
        "font": "<font size=7>",
        "hidden": "<div style='display:none'>",
        "style": "<style>a{b:c}</style>",
        "ul": "<ul><li>",
    }.items():
        yield Hostile(f"{name} nested 50,000 deep", lambda piece=piece: page(piece * 50_000 + "收到"))
    yield Hostile(
        "100,000 attributes", lambda: page("<div " + "".join(f"a{n}=x " for n in range(100_000)) + ">收到</div>"), True
    )
    yield Hostile("a style of 5 MB", lambda: page("<div style='" + "display:block;" * 350_000 + "'>收到</div>"), True)
    yield Hostile("200,000 br", lambda: page("收到<br>" * 200_000), True)
    yield Hostile("200,000 cells", lambda: page("<table><tr>" + "<td>办结" * 200_000), True)
    yield Hostile(
        "a data picture of 10 MB", lambda: page("<img src='data:image/png;base64," + "A" * 10_000_000 + "'>收到"), True
    )
    yield Hostile("comments", lambda: page("<!--" * 200_000 + "收到"))
    yield Hostile(
        "entities of the page",
        lambda: page("<!DOCTYPE x [<!ENTITY a '" + "b" * 9999 + "'>]>" + "&a;&#x4e00;&#1114112;" * 50_000),
        True,
    )
    yield Hostile("quotes in turn", lambda: plain("> 一\n二\n" * 50_000), True)
    yield Hostile("quotes 1,000 deep", lambda: plain("\n".join(">" * n + " 收到" for n in range(1000))))


def of_trees() -> Iterator[Hostile]:
    yield Hostile("5,000 nested parts", lambda: nested_parts(5000))
    yield Hostile("100,000 nested parts", lambda: nested_parts(100_000), True)
    yield Hostile("5,000 nested alternatives", lambda: nested_parts(5000, "alternative"))
    yield Hostile("5,000 parts", lambda: mixed([TEXT + b"\r\n" + "第1号收到".encode()] * 5000))
    yield Hostile("5,000 pages", lambda: mixed([PAGE + b"\r\n" + "<p>第1号收到".encode()] * 5000))
    yield Hostile("200,000 empty parts", lambda: mixed([b""] * 200_000), True)
    yield Hostile("5,000 nested mails", lambda: HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 5000 + "收到".encode())
    yield Hostile(
        "5,000 mails side by side", lambda: mixed([b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny"] * 5000)
    )
    yield Hostile("5,000 small files", lambda: attached(*((f"{n}.txt", b"x") for n in range(5000))))
    yield Hostile(
        "300 files that want QR codes", lambda: attached(*((f"{n}.png", bombs.png(700)) for n in range(300))), True
    )
    yield Hostile("a boundary that is everywhere", lambda: mixed([b"--b" * 200_000, b"--b\r\n" * 100_000]), True)
    yield Hostile(
        "a boundary of 1 MB",
        lambda: HEAD + b"Content-Type: multipart/mixed; boundary=" + b"b" * 1_000_000 + b"\r\n\r\n--b",
        True,
    )
    yield Hostile(
        "itself as boundary",
        lambda: HEAD + b'Content-Type: multipart/mixed; boundary="--"\r\n\r\n' + b"----\r\n" * 100_000,
        True,
    )
    yield Hostile(
        "a report of 50,000 failures",
        lambda: report(b"Final-Recipient: rfc822; jwb@yxnu.example\r\nAction: failed\r\n\r\n" * 50_000),
        True,
    )
    yield Hostile(
        "a report of returned mails",
        lambda: mixed([b"Content-Type: message/rfc822\r\n\r\nMessage-ID: <x@y>\r\n\r\n"] * 3000, b"report"),
    )
    yield Hostile(
        "a calendar of 200,000 lines",
        lambda: mixed([b"Content-Type: text/calendar\r\n\r\n" + b"METHOD:\r\n REPLY\r\n" * 200_000]),
        True,
    )


def report(blocks: bytes) -> bytes:
    raw = mixed([TEXT + b"\r\nfailed", b"Content-Type: message/delivery-status\r\n\r\n" + blocks], b"report")
    return raw.replace(b"multipart/report;", b"multipart/report; report-type=delivery-status;")


def of_files() -> Iterator[Hostile]:
    for name, make, big in bombs.BOMBS:
        yield Hostile(f"file: {name}", lambda name=name, make=make: attached((name, make())), big)
    slow = bombs.forms_in_forms(10)
    yield Hostile("forty slow files", lambda: attached(*((f"{n}.pdf", slow) for n in range(40))), True)
    yield Hostile("every small bomb at once", lambda: attached(*((n, m()) for n, m, big in bombs.BOMBS if not big)))


def every(runs: int = 200_000) -> list[Hostile]:
    """All of them; `runs`: characters of each run."""
    return [*of_headers(), *of_bodies(), *of_trees(), *of_files(), *of_runs(runs)]


def mixture(dice: random.Random) -> bytes:
    """Some of the runs one after another, so that no pattern sees the same thing twice."""
    text = "".join(
        dice.choice(list(RUNS.values())) * dice.choice((1, 1, 3, 100, 3000)) for _ in range(dice.randint(2, 12))
    )
    make = dice.choice((plain, page, lambda text: under(b"Subject: " + text[:3000].encode() + b"\r\n", text)))
    return make(text)
