"""Compares what the reader said with what was meant: shares by field and kind, each miss, each false registration."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Mail = Mapping[str, Any]


def fold(text: str | None) -> str:
    """Without the differences that no reader sees: width, compatibility forms, white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text or ""))


def said(mail: Mail, *names: str) -> list[tuple[str, ...]]:
    return sorted(tuple(str(reading[name]) for name in names) for reading in mail["readings"])


FIELDS: dict[str, Callable[[Mail], object]] = {
    "ref": lambda m: said(m, "ref"),
    "kind": lambda m: said(m, "ref", "kind"),
    "new_deadline": lambda m: said(m, "ref", "new_deadline"),
    "unit": lambda m: m["unit"],
    "trusted": lambda m: m["trusted"],
    "names": lambda m: sorted(fold(a["name"]) for a in m["attachments"] if a["role"] != "cloud_link"),
    "roles": lambda m: sorted((fold(a["name"]), a["role"]) for a in m["attachments"]),
    "body": lambda m: fold(m["body"]),
    "decision": lambda m: m["decision"],
}


def false_registration(got: Mail, want: Mail) -> bool:
    """Registered though a person should have looked, or with a closure or extension that was not said."""
    if got["decision"] != "register":
        return False
    grave = {r for r in said(got, "ref", "kind", "new_deadline") if r[1] in {"closure", "extension"}}
    return want["decision"] != "register" or not grave <= set(said(want, "ref", "kind", "new_deadline"))


@dataclass
class Score:
    mails: int = 0
    whole: int = 0
    right: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    misses: list[tuple[str, str, object, object]] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def told(self) -> dict[str, float]:
        """What must not get worse: the share of each field, of mails right in all, and false registrations."""
        shares = {**self.shares(), "all": self.whole / max(self.mails, 1)}
        return {
            "mails": self.mails,
            **{name: round(share, 4) for name, share in shares.items()},
            "false_registrations": len(self.false),
        }

    def shares(self) -> dict[str, float]:
        return {name: self.right[name] / max(self.mails, 1) for name in FIELDS}

    def lines(self) -> list[str]:
        out = [f"{name} {what}: got {got!r}, wanted {want!r}" for name, what, got, want in self.misses]
        out += ["", f"{'kind':20}{'n':>5}" + "".join(f"{name:>14}" for name in FIELDS)]
        for kind, row in sorted(self.kinds.items()):
            out.append(f"{kind:20}{row['n']:5}" + "".join(f"{row[name] / row['n']:14.1%}" for name in FIELDS))
        out.append(f"{'all':20}{self.mails:5}" + "".join(f"{share:14.1%}" for share in self.shares().values()))
        out.append(f"all fields right: {self.whole} of {self.mails}")
        out.append(f"false registrations: {len(self.false)} {' '.join(self.false)}".rstrip())
        return out


def compare(answers: Sequence[Mail], wanted: Sequence[Mail]) -> Score:
    """Every wanted mail must have been answered."""
    by_name = {got["file"]: got for got in answers}
    score = Score()
    for want in wanted:
        got = by_name[want["file"]]
        row = score.kinds[want["readings"][0]["kind"]]
        row["n"] += 1
        score.mails += 1
        wrong = [name for name, value in FIELDS.items() if value(got) != value(want)]
        for name, value in FIELDS.items():
            score.right[name] += name not in wrong
            row[name] += name not in wrong
            if name in wrong:
                score.misses.append((want["file"], name, value(got), value(want)))
        score.whole += not wrong
        if false_registration(got, want):
            score.false.append(want["file"])
    return score
