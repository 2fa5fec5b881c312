"""Who waits for a commit: told at once by this process, within a second or by NOTIFY of another."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

CHANNEL = "duban"


class Changes:
    """Counts the commits seen and wakes those who wait for the next one.

    Each asyncio task remembers by itself up to which commit it was told, so that no commit between two calls is lost.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._told: weakref.WeakKeyDictionary[asyncio.Task[Any], int] = weakref.WeakKeyDictionary()

    def tell(self) -> None:
        """Called from any thread: something was committed."""
        with self._lock:
            self._count += 1
            waiting = list(self._waiting)
        for loop, event in waiting:
            with suppress(RuntimeError):  # that loop has ended meanwhile
                loop.call_soon_threadsafe(event.set)

    async def changed(self, seconds: float) -> bool:
        """True as soon as something was committed since this task asked last; False after `seconds`."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("changed() is for tasks")
        event = asyncio.Event()
        mine = (asyncio.get_running_loop(), event)
        with self._lock:
            told = self._told.setdefault(task, self._count)
            if self._count != told:
                self._told[task] = self._count
                return True
            self._waiting.add(mine)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        finally:
            with self._lock:
                self._waiting.discard(mine)
        with self._lock:
            self._told[task] = self._count
        return True


class Watcher:
    """A thread that looks for other processes' commits until it is stopped. `look` blocks at most about a second."""

    def __init__(self, look: Callable[[threading.Event], None]) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(look,), name="store-watcher", daemon=True)
        self._thread.start()

    def _run(self, look: Callable[[threading.Event], None]) -> None:
        while not self._stop.is_set():
            look(self._stop)

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(5)


def poll_sqlite(
    version: Callable[[], int | None], changes: Changes, seconds: float
) -> Callable[[threading.Event], None]:
    """Looks at `PRAGMA data_version` of the writer's connection, which only other connections' commits move."""
    last = version()

    def look(stop: threading.Event) -> None:
        nonlocal last
        stop.wait(seconds)
        now = version()  # None: a writer of ours is at work; look again
        if now is not None and now != last:
            first, last = last is None, now
            if not first:
                changes.tell()

    return look


def listen_postgres(conninfo: str, me: str, changes: Changes) -> Callable[[threading.Event], None]:
    """LISTENs on a connection of its own; our own notices carry `me` and are passed over. Reconnects for ever."""

    import psycopg

    def look(stop: threading.Event) -> None:
        try:
            with psycopg.connect(conninfo, autocommit=True) as conn:
                conn.execute(f"LISTEN {CHANNEL}")
                changes.tell()  # what was committed before we listened
                while not stop.is_set():
                    for notice in conn.notifies(timeout=0.5):
                        if notice.payload != me:
                            changes.tell()
        except psycopg.Error:
            stop.wait(1.0)  # the server is away: every other use of the store says so

    return look
