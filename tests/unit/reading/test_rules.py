"""Every rule's own examples: yes must hit, no must not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from daemon.procedure.workdays import load_calendar
from daemon.reading import answer, roles
from daemon.reading import lexicon as lx
from daemon.reading.dates import DATE_RULES
from daemon.reading.deadline import new_deadline
from daemon.reading.moments import Base
from daemon.reading.read import RULES
from daemon.reading.shapes import Rule

BASE = Base(date(2026, 11, 24), date(2026, 12, 15), load_calendar(""))


def _dated(rule: str, text: str) -> bool:
    found = new_deadline(text, BASE)
    if rule == "date.vague":
        return found.day is None and bool(found.words)
    return found.day is not None


CHECKS: dict[str, Callable[[str], bool]] = {
    "attachment.report_name": roles.names_a_report,
    "attachment.form_name": roles.names_the_form,
}


def _hits(rule: Rule, text: str) -> bool:
    if rule.name in CHECKS:
        return CHECKS[rule.name](text)
    if rule.name.startswith("words."):
        return lx.has(getattr(lx, rule.name.removeprefix("words.").upper()), text)
    if rule.name.startswith("date."):
        return _dated(rule.name, text)
    return answer.hits(rule.name, text)


EXAMPLES = [
    pytest.param(rule, text, wanted, id=f"{rule.name} {'yes' if wanted else 'no'} {text}")
    for rule in (*RULES.values(), *lx.LEXICON_RULES)
    for wanted, texts in ((True, rule.yes), (False, rule.no))
    for text in texts
]


@pytest.mark.parametrize(("rule", "text", "wanted"), EXAMPLES)
def test_examples(rule: Rule, text: str, wanted: bool) -> None:
    assert _hits(rule, text) is wanted


def test_every_rule_says_something_in_chinese() -> None:
    silent = [r.name for r in (*RULES.values(), *DATE_RULES) if not any("\u4e00" <= c <= "\u9fff" for c in r.says)]
    assert not silent
