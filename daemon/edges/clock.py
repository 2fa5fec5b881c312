"""Clocks: the real one, a made-up one that runs faster, and one that jumps from sleeper to sleeper."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

#: Seconds slept at most before the wall clock is read again: a stepped clock or a suspended machine is noticed by then.
_NAP = 20.0
#: Turns of the event loop without work after which everybody counts as idle.
_QUIET_TURNS = 8


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a clock needs aware datetimes")
    return moment.astimezone(UTC)


class RealClock:
    """The machine's clock."""

    real = True

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Returns at `moment` by the wall clock, also if that is stepped meanwhile."""
        moment = _aware(moment)
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - no event tells that time passed
            await asyncio.sleep(min(left, _NAP))


class MadeUpClock:
    """A clock that starts at `start` and runs `speed` times as fast as time does (speed > 0)."""

    real = False

    def __init__(self, start: datetime, speed: float = 1.0) -> None:
        if not 0 < speed < float("inf"):
            raise ValueError("the speed of a made-up clock is above 0 and finite; to jump, take JumpingClock")
        self._start = _aware(start)
        self._began = time.monotonic()
        self.speed = speed

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.speed)

    async def sleep_until(self, moment: datetime) -> None:
        """Returns at `moment` of this clock."""
        moment = _aware(moment)
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - no event tells that time passed
            await asyncio.sleep(left / self.speed)


class JumpingClock:
    """A clock that stands while anybody works and jumps to the earliest sleeper when all are idle.

    Work that waits for a thread, a socket or a process is hidden from the event loop, so whoever does such work says
    so: `with clock.busy(): await step(world)`. `run()` is the driver, a task beside the others. Sleepers of one moment
    wake in the order in which they lay down, one at a time, each until it sleeps again: the same story every time.
    """

    real = False

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._count = 0
        self._busy = 0
        self._calm = asyncio.Event()
        self._calm.set()
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        """Returns when the clock was moved to `moment`; at once if that has passed."""
        moment = _aware(moment)
        if moment <= self._now:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (moment, self._count, future))
        self._changed.set()
        await future

    @contextmanager
    def busy(self) -> Iterator[None]:
        """While inside, the clock stands."""
        self._busy += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._calm.set()

    def next_waking(self) -> datetime | None:
        """When the earliest sleeper wants to wake; None if nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def move_to(self, moment: datetime) -> None:
        """Sets the clock forward to `moment` and wakes all who slept until then. Never backward."""
        self._now = max(self._now, _aware(moment))
        while (waking := self.next_waking()) is not None and waking <= self._now:
            self._wake_first()

    def _wake_first(self) -> None:
        moment, _, future = heapq.heappop(self._sleepers)
        self._now = max(self._now, moment)
        if not future.done():
            future.set_result(None)

    async def idle(self) -> None:
        """Returns when nobody was busy for some turns of the event loop."""
        quiet = 0
        while quiet < _QUIET_TURNS:
            if self._busy:
                await self._calm.wait()
                quiet = 0
            await asyncio.sleep(0)
            quiet += 1

    async def run(self, until: datetime | None = None) -> None:
        """Drives the clock until `until` (then it stands there), or for ever. Cancel it to stop."""
        end = None if until is None else _aware(until)
        while True:
            await self.idle()
            waking = self.next_waking()
            if waking is not None and (end is None or waking <= end):
                self._wake_first()
            elif end is not None:
                self._now = max(self._now, end)
                return
            else:
                self._changed.clear()
                await self._changed.wait()
