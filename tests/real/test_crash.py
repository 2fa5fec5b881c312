"""SIGKILL at random moments: nothing lost, nothing registered or sent twice (`make crash` does it a hundred times)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash import run

pytestmark = [pytest.mark.real, pytest.mark.slow]


def test_killed_at_random_moments(tmp_path: Path) -> None:
    counted = run(tmp_path, moments=15, seed=20261124)
    print(counted)
    assert counted.kills == 15
    assert counted.sound, counted
