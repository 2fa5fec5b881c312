"""What understanding a letter costs on one core: processor time of decoding, trimming alone, and reading it whole."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date
from pathlib import Path
from typing import Any, TypeVar

from bench import looking, post
from daemon import config
from daemon.reading.decode import decode
from daemon.reading.knowing import index
from daemon.reading.read import read
from daemon.reading.trim import trim
from store import ledger
from store.transaction import Store
from tests.world.dovecot import Dovecot

T = TypeVar("T")
R = TypeVar("R")


def measure(count: int = 500) -> dict[str, Any]:
    """Letters without attachments, in five programs' writing; every letter is another one."""
    today = date.today()
    some = post.tasks(max(1, count // (2 * post.LETTERS_OF_A_UNIT)), today)
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder:
        daemon = looking.office(Path(folder) / "office", Dovecot(), 1, some, today)
        settings = config.load(daemon.folder)
        store = Store.open(settings.database_url, settings.blob_folder)
        with store.reading() as tx:
            known = ledger.known(tx)
        store.close()
    known_by = index(known)
    pieces = list(post.letters(some, count, with_pdf="none"))
    decoded, letters = _timed(lambda one: decode(one.raw, one.arrived_at.astimezone(UTC)), pieces)
    trimmed, _ = _timed(lambda letter: trim(letter, known_by), letters)
    whole, _ = _timed(lambda letter: read(letter, (), known), letters)
    return {
        "letters": count,
        "kb": round(sum(len(one.raw) for one in pieces) / count / 1024, 1),
        "decode_ms": round(decoded, 2),
        "trim_ms": round(trimmed, 2),
        "read_ms": round(whole, 2),
        "a_second": round(1000 / (decoded + whole)),
    }


def _timed(work: Callable[[T], R], each: Sequence[T]) -> tuple[float, list[R]]:
    """Milliseconds of processor time for each, and the results."""
    begun = time.process_time()
    done = [work(one) for one in each]
    return (time.process_time() - begun) / len(each) * 1000, done
