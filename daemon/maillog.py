"""The log of a mail's life: one function, and one line, for each step that a mail in or out can take."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

_STEPS = Counter("duban_mail_steps_total", "Steps of mails in and out", ["step"])
_LOOPS = Counter("duban_loop_failures_total", "Steps of loops that raised", ["loop"])
MAILBOX_READ = Gauge("duban_mailbox_read_timestamp_seconds", "When the mailbox was last read to its end")

_log: Any = structlog.get_logger("duban")


def set_up(*, level: str = "INFO", as_json: bool = False) -> None:
    """One line a step on stderr, for people or as JSON; the journal adds nothing to it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False)
            if as_json
            else structlog.dev.ConsoleRenderer(colors=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _say(step: str, **facts: Any) -> None:
    _STEPS.labels(step).inc()
    _log.info(step, **facts)


def kept(folder: str, uids: int, letters: Sequence[int]) -> None:
    """Mails of a folder were stored and committed; `letters`: ids of those not seen before."""
    _say("kept", folder=folder, uids=uids, letters=list(letters[:20]), fresh=len(letters))


def registered(letter: int, matters: Sequence[str], kinds: Sequence[str]) -> None:
    _say("registered", letter=letter, matters=list(matters), kinds=list(kinds))


def settled(letter: int, state: str, why: Sequence[str] = ()) -> None:
    """A letter that moved nothing: waiting, ignored, copy, own, old."""
    _say("settled", letter=letter, state=state, why=list(why))


def acted(actor: str, entries: Sequence[str], matters: Sequence[str]) -> None:
    """A person's or the clock's commands were accepted."""
    _say("acted", actor=actor, entries=list(entries), matters=list(matters))


def asked(outbox: Sequence[int]) -> None:
    _say("asked", outbox=list(outbox))


def frozen(outbox: int, message_id: str, recipients: int) -> None:
    _say("frozen", outbox=outbox, message_id=message_id, recipients=recipients)


def no_glyph(outbox: int, characters: Sequence[str]) -> None:
    """Characters of a notice that no font of this machine has; 〓 stands in their place."""
    _STEPS.labels("no_glyph").inc()
    _log.warning("no_glyph", outbox=outbox, characters=list(characters))


def broken(outbox: int, why: str) -> None:
    """A mail could not be prepared; it waits for a person, the rest goes on."""
    _STEPS.labels("broken").inc()
    _log.error("broken", outbox=outbox, why=why)


def sent(outbox: int, outcomes: Sequence[str]) -> None:
    _say("sent", outbox=outbox, outcomes=list(outcomes))


def withdrawn(outbox: int, why: str) -> None:
    _say("withdrawn", outbox=outbox, why=why)


def looked_up(outbox: int, found: bool) -> None:
    """An unsure send was looked for in Sent and among our own copies."""
    _say("looked_up", outbox=outbox, found=found)


def alarm(name: str, why: str) -> None:
    """Something the Section is told of."""
    _STEPS.labels("alarm").inc()
    _log.warning("alarm", name=name, why=why)


def loop_failed(loop: str, error: BaseException) -> None:
    _LOOPS.labels(loop).inc()
    _log.error("loop_failed", loop=loop, error=repr(error), exc_info=error)


def ready(pid: int) -> None:
    """The daemon's loops run."""
    _log.info("ready", pid=pid)


def waiting_for_another() -> None:
    """Another daemon serves this store; this one waits until it ends."""
    _log.warning("waiting_for_another")


def hold_lost() -> None:
    """The right to be this store's one daemon is gone: another may serve it by now."""
    _log.error("hold_lost")


def chain_broken(faults: Sequence[str]) -> None:
    """The history is not what it was: nothing may run on it until a person has looked."""
    _log.error("chain_broken", faults=list(faults))


def web_away(host: str, port: int, why: str) -> None:
    """The admin view has no port; the mail still flows."""
    _log.error("web_away", host=host, port=port, why=why)
