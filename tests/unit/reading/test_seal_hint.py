"""The red seal on a returned form: told to the person who looks, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.reading.shapes import Opened


@pytest.mark.parametrize(("seal", "rule"), [(True, "attachment.seal"), (False, "attachment.no_seal"), (None, "")])
def test_the_reader_hears_of_it_and_decides_nothing_by_it(office: Any, seal: bool | None, rule: str) -> None:
    files = (("通知单（已签收）.pdf", b"%PDF signed"),)
    got = office.read("收到，已签收。", files=files, opened=(Opened(0, "x", seal=seal),))
    assert [f.rule for f in got.findings if "seal" in f.rule] == ([rule] if rule else [])
    assert got.decision == office.read("收到，已签收。", files=files, opened=(Opened(0, "x"),)).decision
