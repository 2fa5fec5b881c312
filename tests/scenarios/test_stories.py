"""Every story of this folder ends as its ledger.txt and outbox.txt say; what came instead stands beside, as .got."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.scenarios.tale import Tale, lines
from tests.world.office import Office

STORIES = sorted(file.parent for file in Path(__file__).parent.glob("*/story.txt"))


@pytest.mark.parametrize("story", STORIES, ids=lambda folder: folder.name)
def test_story(story: Path, tmp_path: Path, migrated_file: Path) -> None:
    shutil.copyfile(migrated_file, tmp_path / "duban.db")
    start = lines(story / "story.txt")[0].when
    office = Office.open(tmp_path, start, url=f"sqlite:///{tmp_path}/duban.db")
    tale = Tale(story, office)
    tale.live()
    told = {"ledger": tale.ledger(), "outbox": tale.outbox()}
    office.close()
    wrong = []
    for what, text in told.items():
        expected, got = story / f"{what}.txt", story / f"{what}.got"
        got.unlink(missing_ok=True)
        if not expected.exists() or expected.read_text(encoding="utf-8") != text:
            got.write_text(text, encoding="utf-8")
            wrong.append(f"diff -u {expected} {got}\n{text}")
    assert not wrong, "\n".join([*wrong, "right all the same? make accept"])
