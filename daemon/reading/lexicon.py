"""The small classes of words of lexicon.toml, each as one pattern and as a named Rule with its examples."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from daemon.reading.shapes import Rule

_TABLES = tomllib.loads((resources.files("daemon.reading") / "lexicon.toml").read_text(encoding="utf-8"))


def _words(name: str) -> str:
    return "|".join(_TABLES[name]["words"])


#: What the test of the examples runs; `says` are the words for the queue page.
LEXICON_RULES: tuple[Rule, ...] = tuple(
    Rule(f"words.{name}", "classify", table["says"], tuple(table["yes"]), tuple(table["no"]))
    for name, table in _TABLES.items()
)

# Aspect and mood: what changes the meaning of an act in its clause
NEGATION = _words("negation")
FUTURE = _words("future")
ONGOING = _words("ongoing")
CONDITION = _words("condition")
REQUEST = _words("request")
PAST = _words("past")
WHOLE = _words("whole")
PARTIAL = _words("partial")
REMAINDER = _words("remainder")
# Acts and things
RECEIVE = _words("receive")
COMPLETE = _words("complete")
CLOSE_ONLY = _words("close_only")
STEP = _words("step")
DELAY = _words("delay")
INABILITY = _words("inability")
IN_TIME = _words("in_time")
QUESTION = _words("question")
ASK_HELP = _words("ask_help")
RESEND = _words("resend")
DECLINE_FAULT = _words("decline_fault")
DECLINE_NOT_US = _words("decline_not_us")
DECLINE_SCOPE = _words("decline_scope")
DECLINE_RELATION = _words("decline_relation")
DECLINE_CANNOT = _words("decline_cannot")
OTHERS_DUTY = _words("others_duty")
HAND_OVER = _words("hand_over")
HANDED_OVER = _words("handed_over")
MOVED = _words("moved")
DUPLICATE = _words("duplicate")
FOLLOWS = _words("follows")
COMMIT = _words("commit")
COURTESY = _words("courtesy")
REPORT_NOUN = _words("report_noun")
GIVE = _words("give")
CAUSE = _words("cause")
EMPTY_CAUSE = _words("empty_cause")
EVENT = _words("event")
BROADCAST = _words("broadcast")
ADVERT = _words("advert")
INVITATION = _words("invitation")
THANKS = _words("thanks")
OUR_WORDS = _words("our_words")
WITHDRAWS = _words("withdraws")
DOUBLE_NEGATION = _words("double_negation")


@cache
def pattern(source: str) -> re.Pattern[str]:
    """A class, or classes joined by |, as a pattern that ignores case."""
    return re.compile(source, re.I)


def has(source: str, text: str) -> bool:
    """Whether a word of the class stands in the text."""
    return pattern(source).search(text) is not None
