"""Real servers that a test asks for: where one is missing the test is skipped by name, and fails in CI."""

from __future__ import annotations

import os

import pytest


def missing(what: str) -> None:
    """Skips the test for want of `what`; in CI nothing may be wanting."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is not installed, and CI must run this test")
    pytest.skip(f"{what} is not installed: see tests/world/servers.sh")
