"""The papers that clerks attach: a report as PDF or DOCX, and our own report form filled in."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import docx
import pylopdf_fonts_zh_cn
import typst

from daemon.demo.client_looks import File

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HEADING = "办理情况"  # under it the form has room for the report


def report_pdf(title: str, words: str, unit: str, day: date) -> File:
    """A report set as a letter on A4."""
    raw = _compiler().compile(sys_inputs={"data": _data(title, words, unit, day)})
    return File(f"{title}.pdf", "application/pdf", raw)


def report_docx(title: str, words: str, unit: str, day: date) -> File:
    """The same as a Word file."""
    document: Any = docx.Document()
    document.add_heading(title, level=1)
    document.add_paragraph("学校办公室：")
    for line in words.split("\n"):
        document.add_paragraph(line)
    document.add_paragraph("特此报告。")
    document.add_paragraph(unit)
    document.add_paragraph(_chinese(day))
    return File(f"{title}.docx", DOCX, _saved(document))


def filled_form(blank: bytes, name: str, words: str) -> File:
    """The form that came with the notice, with the report written where its heading asks for it."""
    document: Any = docx.Document(io.BytesIO(blank))
    paragraphs = list(document.paragraphs)
    places = [i for i, p in enumerate(paragraphs) if HEADING in p.text and len(p.text) <= len(HEADING) + 4]
    if places and places[0] + 1 < len(paragraphs):
        room = paragraphs[places[0] + 1]
        for run in room.runs[1:]:
            run.text = ""
        if room.runs:
            room.runs[0].text = words
        else:
            room.add_run(words)
    else:
        document.add_paragraph(words)
    return File(name, DOCX, _saved(document))


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _data(title: str, words: str, unit: str, day: date) -> str:
    lines = words.split("\n")
    return json.dumps({"title": title, "lines": lines, "unit": unit, "day": _chinese(day)}, ensure_ascii=False)


@cache
def _compiler() -> Any:
    here = Path(str(resources.files("daemon.demo").joinpath("office")))
    folder = pylopdf_fonts_zh_cn.serif_path().parent
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    return typst.Compiler(str(here / "report.typ"), root=str(here), font_paths=fonts)
