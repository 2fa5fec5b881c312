"""The 督查督办通知单 as a PDF: the form at the end of the regulation, field by field, set by Typst.

One compiler a process, one document at a time (Typst's own rule), and words go in as data, never as markup. The QR
copies stand in the page's margins, top right and bottom left: more than 22 mm from a stamp of 42 mm set on
（主办单位公章）, which never stands lower than 45 mm above the text's end.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from threading import Lock

import typst

import mailtemplates
from daemon.compose import fonts
from daemon.compose.plain import paragraphs, single_line
from daemon.compose.qr import code_holds, qr_svg, signed_code

__all__ = ["NoticeData", "Typeset", "code_holds", "notice_pdf", "signed_code", "typeset"]

FORMS = Path(mailtemplates.__file__).parent / "forms"
#: 要求, word for word as the regulation prints them on the form.
RULES = (
    "1．接到本《通知》后，请按行政督查督办程序和时限要求办理，并由主办单位按时将本通知单反馈交办部门。",
    "2．如不能按时完成，请在要求时限内书面报告进展情况。",
    "3．督查内容或办结报告内容较多，可另附附件。",
)
LABELS = {
    "office": "行政督查督办单位（公章）：",
    "dispatched": "交办时间：",
    "lead": "主办单位",
    "deadline": "要求反馈时间",
    "supporting": "协办单位",
    "requirements": "督查督办\n事项",
    "director": "学校办公室\n负责人意见",
    "leader": "学校领导\n意见",
    "report": "办结报告",
    "lead_stamp": "（主办单位公章）",
    "supporting_stamp": "（协办单位公章）",
    "rules": "要求：",
    "contact": "交办部门联系人：",
    "phone": "联系电话：",
}
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class NoticeData:
    """What stands on one notice. `ref`: 青师督字〔2026〕第12号, or '' before the number is given.

    `dispatched_on` and `deadline` None leave the place blank. Texts may hold several paragraphs. `code`: what the QR
    says, '' for none. `report`: 办结报告, empty on what we send.
    """

    school_name: str
    office: str
    ref: str
    lead: str
    requirements: str
    supporting: tuple[str, ...] = ()
    dispatched_on: date | None = None
    deadline: date | None = None
    director_opinion: str = ""
    leader_opinion: str = ""
    contact: str = ""
    phone: str = ""
    code: str = ""
    report: str = ""
    ref_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A PDF, and the characters that had to be printed as 〓 because no font has them."""

    pdf: bytes
    missing: tuple[str, ...]


def notice_pdf(data: NoticeData) -> bytes:
    """The notice as PDF/A-2b, A4; byte for byte the same for the same data on the same machine."""
    return typeset(data).pdf


def typeset(data: NoticeData) -> Typeset:
    """The notice, and which of its characters no font of this machine has."""
    fields = _fields(data)
    words = json.dumps(fields, ensure_ascii=False)
    lacking = fonts.missing(words)
    if lacking:
        words = json.dumps(_printable(fields), ensure_ascii=False)
    inputs = {"data": words, "qr": qr_svg(data.code) if data.code else ""}
    day = data.dispatched_on or date(2000, 1, 1)
    stamp = int(datetime.combine(day, time(0), UTC).timestamp())
    with _LOCK:
        pdf = _compiler().compile(sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=stamp)
    if not isinstance(pdf, bytes):  # the binding returns a list only for formats of one file a page
        raise TypeError("Typst gave no single PDF")
    return Typeset(pdf, lacking)


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(str(FORMS / "notice.typ"), root=str(FORMS), font_paths=fonts.faces().index)


def _fields(data: NoticeData) -> dict[str, object]:
    faces = fonts.faces()
    return {
        "title": f"{single_line(data.school_name)}行政督查督办通知单",
        "office": single_line(data.office),
        "ref": single_line(data.ref) or f"{single_line(data.ref_prefix)}〔　　　〕第　　　号",
        "dispatched": _day(data.dispatched_on),
        "lead": single_line(data.lead),
        "deadline": _day(data.deadline),
        "supporting": "、".join(single_line(name) for name in data.supporting),
        "requirements": paragraphs(data.requirements),
        "director": paragraphs(data.director_opinion),
        "leader": paragraphs(data.leader_opinion),
        "report": paragraphs(data.report),
        "contact": single_line(data.contact),
        "phone": single_line(data.phone),
        "code": data.code,
        "qr": bool(data.code),
        "labels": LABELS,
        "rules": RULES,
        "body_fonts": faces.body,
        "title_fonts": faces.title,
    }


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "　　　年　　月　　日"


def _printable(value: object) -> object:
    if isinstance(value, str):
        return fonts.printable(value)
    if isinstance(value, dict):
        return {key: _printable(one) for key, one in value.items()}
    if isinstance(value, Sequence):
        return [_printable(one) for one in value]
    return value
