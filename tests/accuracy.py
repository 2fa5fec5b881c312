"""Scores the reading of the sample mails: a table by field and kind, and each miss by name."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from daemon.procedure.refno import parse_one
from daemon.procedure.shapes import Leader, Person, School, Unit
from daemon.procedure.workdays import load_calendar
from daemon.reading.decode import decode
from daemon.reading.headers import mail_date
from daemon.reading.read import read
from daemon.reading.shapes import Known, KnownMatter, Letter, Opened, Part, Reading, Thread

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def listed(cell: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in re.split("[；;]", cell or "") if each.strip())


def person(row: dict[str, str], column: str, title: str = "") -> Person | None:
    name = row.get(column, "")
    return Person(name, row.get(title, ""), row.get(f"{column}邮箱", "")) if name else None


def load_known(world: Path) -> Known:
    """The world files as a Known; matters as they stood when they were dispatched."""
    table = tomllib.loads((world / "school.toml").read_text(encoding="utf-8"))["school"]
    school = School(**{k: v for k, v in table.items() if k in School.__dataclass_fields__})
    leaders = tuple(
        Leader(r["编号"], r["姓名"], r["职务"], r["邮箱"], r["主要领导"] == "是") for r in rows(world / "leaders.csv")
    )
    units = tuple(
        Unit(
            r["单位编号"],
            r["单位名称"],
            r["简称"],
            head=person(r, "主要负责人", "主要负责人职务"),
            second_head=person(r, "第二负责人", "第二负责人职务"),
            deputy=person(r, "直接责任人"),
            liaison=person(r, "联络员"),
            liaison_phone=r.get("联络员电话", ""),
            supervising=r.get("分管校领导") or None,
            attached=r.get("联系校领导") or None,
            other_addresses=listed(r.get("其他邮箱", "")),
        )
        for r in rows(world / "units.csv")
    )
    matters: list[KnownMatter] = []
    threads: dict[str, Thread] = {}
    for r in rows(world / "matters.csv"):
        ref = parse_one(r["文号"], school.ref_prefix)
        assert ref is not None, r["文号"]
        notice = world / r["通知单文件"]
        supporting = listed(r["协办单位"])
        matters.append(
            KnownMatter(
                ref.key,
                ref,
                r["事项"],
                r["主办单位"],
                supporting,
                True,
                date.fromisoformat(r["交办时间"]),
                date.fromisoformat(r["要求反馈时间"]),
                (hashlib.sha256(notice.read_bytes()).hexdigest(),) if notice.is_file() else (),
                requirements=r["办理要求"],
            )
        )
        threads[r["主办交办邮件"].strip("<>")] = Thread((ref.key,), r["主办单位"])
        for message_id, unit in zip(listed(r["协办交办邮件"]), supporting, strict=True):
            threads[message_id.strip("<>")] = Thread((ref.key,), unit)
    return Known(school, units, leaders, tuple(matters), threads, {}, calendar=load_calendar(""))


def arrival(raw: bytes) -> datetime:
    """The time at which our own server took the mail in: the topmost Received header."""
    head = raw[:4000].decode("latin-1")
    found = re.search(r"^Received:.*?;\s*([^;\r\n]+)\r?$", head, re.M | re.S)
    return (mail_date(found[1]) if found else None) or datetime.now(UTC)


def open_parts(letter: Letter) -> tuple[Opened, ...]:
    """What the attachments hold, in this process: sample files are no enemies."""
    return tuple(each for part in letter.parts if (each := open_part(part)))


def open_part(part: Part) -> Opened | None:
    from io import BytesIO

    name = part.name.lower()
    if part.data[:5] == b"%PDF-":
        import pdfplumber

        with pdfplumber.open(BytesIO(part.data)) as pdf:
            return Opened(part.index, "\n".join(page.extract_text() or "" for page in pdf.pages), pages=len(pdf.pages))
    if name.endswith(".docx"):
        import docx

        return Opened(part.index, "\n".join(p.text for p in docx.Document(BytesIO(part.data)).paragraphs))
    if name.endswith(".zip"):
        import zipfile

        with zipfile.ZipFile(BytesIO(part.data)) as archive:
            return Opened(part.index, members=tuple(archive.namelist()))
    return None


def answer(name: str, reading: Reading) -> dict[str, object]:
    """A reading with the fields of the samples' README."""
    return {
        "file": name,
        "readings": [
            {
                "ref": s.ref.key if s.ref else None,
                "kind": s.kind,
                "new_deadline": s.new_deadline.isoformat() if s.new_deadline else None,
            }
            for s in reading.said
        ],
        "unit": reading.unit,
        "trusted": reading.trusted,
        "attachments": [{"name": a.name, "role": a.role} for a in reading.attachments],
        "body": reading.body,
        "decision": reading.decision,
    }


def answers(samples: Path) -> list[dict[str, object]]:
    known = load_known(samples / "world")
    out = []
    for path in sorted((samples / "mails").glob("*.eml")):
        raw = path.read_bytes()
        letter = decode(raw, arrival(raw))
        out.append(answer(path.name, read(letter, open_parts(letter), known)))
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=Path, default=SAMPLES)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if not args.samples.is_dir():
        print(f"no samples at {args.samples}: nothing to score")
        return 1 if os.environ.get("CI") else 0
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for each in answers(args.samples):
            file.write(json.dumps(each, ensure_ascii=False) + "\n")
        file.flush()
        extra = ["--json"] if args.json else []
        return subprocess.run(
            [sys.executable, str(args.samples / "score.py"), file.name, *extra], check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
