"""Reads the second set and prints how well: `python -m tests.second [--json] [--keep FOLDER]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from daemon.attachments.openers import Openers
from daemon.reading.decode import decode
from daemon.reading.read import read
from tests.accuracy import answer, arrival, load_known
from tests.second.generate import cases, expected, mail
from tests.second.score import Score, compare
from tests.second.world import WORLD


async def answers() -> list[Mapping[str, Any]]:
    """What the reader says to each mail, its attachments opened as the service opens them."""
    known = load_known(WORLD)
    openers = Openers(workers=1)
    out: list[Mapping[str, Any]] = []
    try:
        for case in cases():
            raw = mail(case)
            letter = decode(raw, arrival(raw))
            opened = await openers.open_parts(letter.parts) if letter.parts else ()
            out.append(answer(case["name"] + ".eml", read(letter, opened, known)))
    finally:
        await openers.close()
    return out


def measured() -> Score:
    return compare(asyncio.run(answers()), [expected(case) for case in cases()])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="the shares alone, as JSON")
    parser.add_argument("--keep", type=Path, help="also write the mails and expected.json into this folder")
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
        for case in cases():
            (args.keep / (case["name"] + ".eml")).write_bytes(mail(case))
        wanted = [expected(case) for case in cases()]
        (args.keep / "expected.json").write_text(json.dumps(wanted, ensure_ascii=False, indent=1), encoding="utf-8")
    score = measured()
    if args.json:
        print(json.dumps({"mails": score.mails, **score.shares(), "false_registrations": len(score.false)}))
    else:
        print("\n".join(score.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
