"""Writes what the sets generate: `python -m tests.sets [SET…] --keep FOLDER` the mails, `--notices` the notices."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from tests.sets.generate import Made, all_sets


def keep(made: Made, folder: Path) -> None:
    """The mails and expected.json as files, to look into."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, raw in made.mails():
        (folder / name).write_bytes(raw)
    (folder / "expected.json").write_text(json.dumps(made.expected(), ensure_ascii=False, indent=1), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.sets", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of folders beside this file; all by default")
    parser.add_argument("--keep", type=Path, help="the mails and expected.json of each into FOLDER/SET")
    parser.add_argument("--notices", action="store_true", help="the notices into each set's own world")
    args = parser.parse_args()
    found = {made.name: made for made in all_sets()}
    if unknown := set(args.sets) - set(found):
        parser.error(f"no set {', '.join(sorted(unknown))}; there are {', '.join(found)}")
    for name in args.sets or found:
        made = found[name]
        if args.keep:
            keep(made, args.keep / name)
        if args.notices:
            for path, data in made.world.notices():
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
