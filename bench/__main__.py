"""`python -m bench [PART…] [--letters N] [--mails N] [--json]`: every figure beside its floor, in one run."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from bench import idle, ingest, latency, notice, openers, reading, trim

Told = dict[str, Any]
Row = tuple[str, str, str]


def main(arguments: list[str] | None = None) -> int:
    """Runs the parts asked for (all by default) and prints a table, or one JSON object."""
    asked = _asked(arguments)
    parts: dict[str, Callable[[], Told]] = {
        "notice": notice.figures,
        "reading": reading.measure,
        "trim": trim.measure,
        "openers": openers.measure,
        "idle": idle.measure,
        "latency": lambda: latency.measure(asked.mails),
        "ingest": lambda: ingest.measure(asked.letters),
    }
    told: Told = {"cores": os.cpu_count()}
    for name in asked.parts or parts:
        load = os.getloadavg()[0]
        if not asked.json:
            print(f"{name} (load {load:.1f}) …", file=sys.stderr, flush=True)
        told[name] = {"load_before": round(load, 1), **parts[name]()}
    if asked.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        _print([row for name in told if name in _ROWS for row in _ROWS[name](told[name])])
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="What duban costs, beside a bare floor in the same run.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(_ROWS))
    parser.add_argument("--letters", type=int, default=10_000, help="letters in the mailbox of the first start")
    parser.add_argument("--mails", type=int, default=100, help="mails of the latency run")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.parts if name not in _ROWS]
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}; there are {', '.join(_ROWS)}")
    return asked


def _notice(told: Told) -> list[Row]:
    return [
        ("one-page notice as PDF, warm", _pair(told["one_page"]), "under 20 ms"),
        ("three-page notice as PDF, warm", _pair(told["three_pages"]), ""),
        ("first notice of a process", f"{told['first_ms']} ms", ""),
    ]


def _reading(told: Told) -> list[Row]:
    parts = f"decode {told['decode_ms']} ms, read {told['read_ms']} ms, of it trim {told['trim_ms']} ms"
    cost = f"{told['a_second']}/s ({parts})"
    return [(f"understanding a letter of {told['kb']} KB, one core", cost, "")]


def _trim(told: Told) -> list[Row]:
    rows = []
    for name, one in told["tools"].items():
        raised = f", raised {one['raised']} times" if one["raised"] else ""
        cost = f"{one['exact']:.1%}, {one['but_signature']:.1%} but for a signature, {one['ms']} ms{raised}"
        rows.append((f"own words of {told['mails']} mails, {name}", cost, "97%" if name == "duban" else ""))
    rows += [(f"own words of {told['mails']} mails, {name}", "not installed", "") for name in told["missing"]]
    rows += [(f"right where duban is wrong, {name}", " ".join(each), "") for name, each in told["theirs_alone"].items()]
    return rows


def _openers(told: Told) -> list[Row]:
    return [(f"PDFs of {told['kb']} KB read, {told['workers']} children", f"{told['a_second']}/s", "60/s")]


def _idle(told: Told) -> list[Row]:
    rows = [("start to ready", f"{told['ready_s']} s", "under 1.5 s")]
    for name, label in (("idle", "memory when idle"), ("after_pdfs", "memory after PDFs, with children")):
        one = told[name]
        size = f"{one['pss_mb']} MB PSS, {one['rss_mb']} MB RSS, {one['processes']} processes"
        rows.append((label, size, "under 150 MB" if name == "idle" else ""))
    return rows


def _latency(told: Told) -> list[Row]:
    return [
        (f"delivery to a bare IDLE client's notice, {told['mails']} mails", _pair(told["bare_idle"]), ""),
        ("delivery to the registered entry", _pair(told["registered"]), ""),
        ("more than the bare client", _pair(told["more"]), "100 and 250 ms"),
    ]


def _ingest(told: Told) -> list[Row]:
    rows = []
    for name, label in (("none", "without PDF"), ("all", "each with a PDF"), ("half", "half with a PDF")):
        one = told[name]
        who = f"{one['letters']} letters {label}"
        kept = f"{one['kept_a_second']}/s, {one['kept_of_floor']} of the floor"
        done = f"{one['settled_a_second']}/s, {one['registered_of_floor']} of the floor"
        rows += [
            (f"{who}: bare floor", f"{one['floor_a_second']}/s", ""),
            (f"{who}: kept", kept, "1 of the floor"),
            (f"{who}: read and registered", done, "0.5 of the floor" if name == "none" else ""),
        ]
    return rows


def _pair(told: Told) -> str:
    return f"p50 {told['p50_ms']} ms, p95 {told['p95_ms']} ms"


def _print(rows: list[Row]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    print(f"{'what':{widths[0]}}  {'here':{widths[1]}}  aim")
    for what, here, aim in rows:
        print(f"{what:{widths[0]}}  {here:{widths[1]}}  {aim}".rstrip())


_ROWS: dict[str, Callable[[Told], list[Row]]] = {
    "notice": _notice,
    "reading": _reading,
    "trim": _trim,
    "openers": _openers,
    "idle": _idle,
    "latency": _latency,
    "ingest": _ingest,
}

if __name__ == "__main__":
    sys.exit(main())
