"""The rules that come with the program, as text and as tables; a school's own file counts before them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def default_text() -> str:
    """The TOML that comes with the program: calendar and policy."""
    return (resources.files("daemon.procedure") / "defaults.toml").read_text(encoding="utf-8")


@cache
def default_tables() -> dict[str, Any]:
    """The same, read; not to be changed by whoever takes it."""
    return tomllib.loads(default_text())
