"""Turn-taking for made-up time: pops the earliest step, moves the clock to it and runs it to its end.

Demo, scenarios and simulator live by it: the same loops as the service's, over the real store, but one after the other,
so that the same world and the same dice tell the same story.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from daemon.world import World

Step = Callable[[World], Awaitable[datetime]]
Act = Callable[[], Awaitable[None]]


class HandClock(Protocol):
    """A clock that is moved by hand."""

    def now(self) -> datetime: ...
    def move_to(self, moment: datetime) -> None: ...


class Turns:
    """`seconds_a_day`: real seconds that a made-up day takes; 0 lives as fast as it can."""

    def __init__(self, world: World, clock: HandClock, *, seconds_a_day: float = 0.0) -> None:
        self._world = world
        self._clock = clock
        self._pace = seconds_a_day / 86400
        self._steps: dict[str, Step] = {}
        self._next: dict[str, datetime] = {}
        self._acts: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()

    def add(self, name: str, step: Step) -> None:
        """A loop; its first step is due at once."""
        self._steps[name] = step
        self._next[name] = self._clock.now()

    def at(self, moment: datetime, act: Act) -> None:
        """Something that happens outside: a clerk answers, an officer looks into the queue."""
        heapq.heappush(self._acts, (moment, next(self._order), act))

    async def run(self, until: datetime) -> None:
        """Lives until `until`: acts first at equal times, then the loops in the order in which they were added."""
        while True:
            await self._run_called()
            loop = min(self._next, key=lambda name: self._next[name], default=None)
            moment = self._next[loop] if loop else until
            act = self._acts[0] if self._acts and self._acts[0][0] <= moment else None
            moment = act[0] if act else moment
            if moment > until:
                break
            await self._move_to(moment)
            if act:
                heapq.heappop(self._acts)
                await act[2]()
            elif loop:
                await self._step(loop)
        await self._move_to(until)

    async def _run_called(self) -> None:
        called = self._world.wake.called
        while called & self._steps.keys():
            for name in self._steps:
                if name in called:
                    called.discard(name)
                    await self._step(name)
        called.clear()

    async def _step(self, name: str) -> None:
        again = await self._steps[name](self._world)
        self._next[name] = max(again, self._clock.now())

    async def _move_to(self, moment: datetime) -> None:
        ahead = (moment - self._clock.now()).total_seconds()
        if ahead > 0:
            if self._pace:
                await asyncio.sleep(ahead * self._pace)
            self._clock.move_to(moment)
