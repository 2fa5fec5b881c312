"""How well mails are read: a table by field and kind and each miss by name, for the samples and every set.

`make accuracy` prints it and fails where a share is worse than in tests/accuracy.json; `--record` writes that file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.attachments.openers import Openers
from daemon.reading.conclude import conclude
from daemon.reading.decode import decode
from daemon.reading.headers import mail_date
from daemon.reading.read import read
from daemon.reading.shapes import Reading
from tests.sets.generate import Made, all_sets
from tests.sets.known import load_known
from tests.sets.score import Score, compare

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"
RECORDED = Path(__file__).with_suffix(".json")
#: The recorded shares have four places.
ROUNDED = 0.0001


@dataclass(frozen=True)
class Corpus:
    """Mails to one school and what they mean. `mails`: file name and bytes, asked for when they are read."""

    name: str
    world: Path
    mails: Callable[[], Sequence[tuple[str, bytes]]]
    wanted: Sequence[Mapping[str, Any]]


def samples(folder: Path = SAMPLES) -> Corpus:
    wanted = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    files = sorted((folder / "mails").glob("*.eml"))
    return Corpus("samples", folder / "world", lambda: [(file.name, file.read_bytes()) for file in files], wanted)


def corpus_of(made: Made) -> Corpus:
    return Corpus(made.name, made.folder / "world", lambda: list(made.mails()), made.expected())


def corpora() -> list[Corpus]:
    """The samples, where they are, and every set of tests/sets."""
    return [*([samples()] if SAMPLES.is_dir() else []), *map(corpus_of, all_sets())]


def arrival(raw: bytes) -> datetime:
    """The time at which our own server took the mail in: the topmost Received header."""
    head = raw[:4000].decode("latin-1")
    found = re.search(r"^Received:.*?;\s*([^;\r\n]+)\r?$", head, re.M | re.S)
    return (mail_date(found[1]) if found else None) or datetime.now(UTC)


def answer(name: str, reading: Reading, decision: str) -> dict[str, Any]:
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
        "decision": decision,
    }


async def answers(corpus: Corpus) -> list[dict[str, Any]]:
    """What the program says to each mail, its attachments opened by limited children as the service opens them."""
    known = load_known(corpus.world)
    openers = Openers(workers=1)
    out = []
    try:
        for name, raw in corpus.mails():
            letter = decode(raw, arrival(raw))
            opened = await openers.open_parts(letter.parts) if letter.parts else ()
            reading = read(letter, opened, known)
            concluded = conclude(reading, letter, opened, known, letter.arrived_at)
            out.append(answer(name, reading, concluded.decision))
    finally:
        await openers.close()
    return out


def measured(corpus: Corpus) -> Score:
    return compare(asyncio.run(answers(corpus)), corpus.wanted)


def recorded() -> dict[str, dict[str, float]]:
    """The figures of each corpus that must not get worse."""
    found: dict[str, dict[str, float]] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def record(told: Mapping[str, Mapping[str, float]]) -> None:
    """Writes the figures of these corpora; those of others stay."""
    both = {**(recorded() if RECORDED.is_file() else {}), **told}
    RECORDED.write_text(json.dumps(both, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def worse(got: Mapping[str, float], before: Mapping[str, float]) -> list[str]:
    """Each figure that is worse than the recorded one. How many mails there are is none."""
    out = []
    for name, value in before.items():
        fell = got[name] > value if name == "false_registrations" else got[name] < value - ROUNDED
        if fell and name != "mails":
            out.append(f"{name} {got[name]}, recorded {value}")
    return out


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.accuracy", description=__doc__)
    parser.add_argument("corpora", nargs="*", metavar="CORPUS", help="samples, or a set's name; all by default")
    parser.add_argument("--samples", type=Path, help="another folder with world/, mails/ and expected.json")
    parser.add_argument("--json", action="store_true", help="the shares alone, one JSON object a corpus")
    parser.add_argument("--record", action="store_true", help="these figures are the ones to hold from now on")
    args = parser.parse_args()
    found = (
        [samples(args.samples)]
        if args.samples
        else [c for c in corpora() if c.name in args.corpora or not args.corpora]
    )
    if lost := set(args.corpora) - {c.name for c in found}:
        parser.error(f"not there: {', '.join(sorted(lost))}")
    told: dict[str, Mapping[str, float]] = {}
    fallen: list[str] = []
    before = recorded() if RECORDED.is_file() and not args.samples else {}
    for corpus in found:
        score = measured(corpus)
        told[corpus.name] = score.told()
        if args.json:
            print(json.dumps({"corpus": corpus.name, **score.told()}))
        else:
            print("\n".join([f"{corpus.name}: {score.mails} mails", *score.lines(), ""]))
        fallen += [f"{corpus.name}: {each}" for each in worse(score.told(), before.get(corpus.name, {}))]
    if not args.samples and not SAMPLES.is_dir():
        print(f"no samples at {SAMPLES}: not scored", file=sys.stderr)
        fallen += ["samples: not there"] if os.environ.get("CI") else []
    if args.record and not args.samples:
        record(told)
        return 0
    print("\n".join(f"worse: {each}" for each in fallen), file=sys.stderr, end="\n" if fallen else "")
    return 1 if fallen else 0


if __name__ == "__main__":
    sys.exit(main())
