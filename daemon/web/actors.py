"""Who acted, by the name that people know."""

from __future__ import annotations

from store import accounts
from store.transaction import Tx

_MACHINE = {
    "letter": "来信",
    "clock": "系统",
    "courier": "系统",
    "import": "导入",
    "rules": "系统",
    "officer": "经办人",
}


def names(tx: Tx) -> dict[str, str]:
    """Account name → the name that people know."""
    return {account.name: account.shown for account in accounts.listing(tx)}


def shown(known: dict[str, str], actor: str) -> str:
    """`officer:lijing` → 李静; a login that is no account acted by commands; letters and the machine by function."""
    kind, _, name = actor.partition(":")
    return known.get(name, f"{name}（命令）") if name else _MACHINE.get(kind, kind)
