"""decide and evolve: the gate by STEPS, then the article; a history folded into the matter as it stands.

`decide` may refuse, in this order: is there such a matter · may this actor · is it so already · is it in the right
phase · then what the article demands, in the order of its function. `evolve` never refuses: the facts of an entry are
what the law computed on its day, so that history replays under next year's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from daemon.procedure import close, dispatch, extend, initiate, inspection, intervene, reminders, undo
from daemon.procedure.rules import Rules
from daemon.procedure.ruling import Case, Decide, Evolve
from daemon.procedure.shapes import Because, Command, Dispatch, Entry, Instruct, Matter, Refusal, Undo
from daemon.procedure.steps import BY_COMMAND, UNDO_FOR, Step

ARTICLES = (initiate, dispatch, inspection, intervene, close, extend, reminders, undo)
DECIDE: dict[type, Decide] = {command: rule for article in ARTICLES for command, rule in article.DECIDE.items()}
EVOLVE: dict[type, Evolve] = {command: rule for article in ARTICLES for command, rule in article.EVOLVE.items()}


def decide(
    matter: Matter | None, command: Command, at: datetime, rules: Rules, because: Because
) -> list[Entry] | Refusal:
    """What the command becomes: entries (none where it is so already) or a Refusal. Entries are not numbered yet."""
    if at.tzinfo is None:
        raise ValueError("the law needs an aware moment")
    step = BY_COMMAND[type(command)]
    case = Case(matter or _unborn(command), at, rules, because, step.article)
    if matter is None and not step.first:
        return case.refuse("no_matter")
    if matter is not None and not step.phases:
        return case.refuse("matter_exists")
    if step.who and because.actor.partition(":")[0] not in step.who:
        return case.refuse("needs_person" if step.who == ("officer",) else "wrong_actor")
    if matter is not None and matter.phase in step.already:
        return []
    if matter is not None and matter.phase not in step.phases:
        return case.refuse(f"phase_{matter.phase}")
    verdict = DECIDE[type(command)](case, command)
    if isinstance(verdict, Refusal):
        return verdict
    if verdict is None:
        return []
    return [Entry(step.kind, command, at, because, verdict)]


def evolve(matter: Matter | None, entry: Entry) -> Matter:
    """The matter after one more entry. After an `undone` entry the whole history is to be folded again."""
    command = entry.command
    if type(command) not in EVOLVE:
        raise TypeError(f"{entry.kind} is no entry of a matter")
    before = matter or _unborn(command)
    seq = entry.seq or before.seq + 1
    after = EVOLVE[type(command)](before, command, replace(entry, seq=seq))
    if isinstance(command, Undo):  # what was taken back is folded away; the entry before it may follow it
        return replace(after, seq=seq)
    return replace(after, seq=seq, undo_seq=seq, undo_until=_undo_until(BY_COMMAND[type(command)], entry))


def fold(entries: Sequence[Entry]) -> Matter:
    """The matter as its history leaves it; what was taken back counts no more."""
    taken_back = {entry.command.seq for entry in entries if isinstance(entry.command, Undo)}
    matter: Matter | None = None
    for entry in entries:
        if entry.seq not in taken_back:
            matter = evolve(matter, entry)
    if matter is None:
        raise ValueError("a matter without a history")
    return matter


def _unborn(command: object) -> Matter:
    return Matter(id=str(getattr(command, "matter", "")), title="", source="", requirements="", lead="")


def _undo_until(step: Step, entry: Entry) -> datetime | None:
    if not step.undoable or not entry.because.actor.startswith("officer:"):
        return None
    if isinstance(entry.command, Dispatch) and entry.command.now:
        return None
    if isinstance(entry.command, Instruct) and entry.facts.get("phase") == "ready":
        return None  # a number that was given stays
    return entry.at + UNDO_FOR
