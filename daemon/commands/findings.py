"""One line of `duban check`: what was looked at, how it stands, what was found, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Standing = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Checked:
    """`todo` is empty where nothing is to be done. A warning leaves the exit code 0."""

    name: str
    standing: Standing
    found: str
    todo: str = ""


def good(name: str, found: str) -> Checked:
    return Checked(name, "ok", found)


def warning(name: str, found: str, todo: str) -> Checked:
    return Checked(name, "warning", found, todo)


def failed(name: str, found: str, todo: str) -> Checked:
    return Checked(name, "failed", found, todo)
