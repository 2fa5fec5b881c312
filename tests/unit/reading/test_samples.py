"""The sample mails beside the project: how well they are read must not fall."""

from __future__ import annotations

import importlib.util
import json
import os
from types import ModuleType

import pytest

from tests.accuracy import SAMPLES, answers

FLOOR = {"ref": 1.0, "unit": 1.0, "names": 1.0, "trusted": 0.99, "roles": 0.98, "kind": 0.97, "new_deadline": 0.97}
FLOOR |= {"body": 0.97, "decision": 0.97}


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", SAMPLES / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
def test_samples() -> None:
    if not SAMPLES.is_dir():
        assert not os.environ.get("CI"), "CI has no samples to read"
        pytest.skip(f"no samples at {SAMPLES}")
    score = scorer()
    wanted = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    got = {str(a["file"]): a for a in answers(SAMPLES)}
    wrong = [w["file"] for w in wanted if score.false_registration(got[w["file"]], w)]
    assert not wrong
    shares = {
        field: sum(value(got[w["file"]]) == value(w) for w in wanted) / len(wanted)
        for field, value in score.FIELDS.items()
    }
    assert {f: s for f, s in shares.items() if s < FLOOR[f]} == {}
