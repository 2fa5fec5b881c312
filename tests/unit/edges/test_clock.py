"""Clocks: the real one tells the time, the made-up one runs, the jumping one tells the same story every time."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from daemon.edges.clock import JumpingClock, MadeUpClock, RealClock

START = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_real_clock() -> None:
    clock = RealClock()
    assert clock.real
    assert clock.now().utcoffset() == timedelta(0)
    began = time.monotonic()
    asyncio.run(clock.sleep_until(clock.now() + timedelta(seconds=0.1)))
    assert 0.05 < time.monotonic() - began < 5
    asyncio.run(clock.sleep_until(clock.now() - HOUR))


def test_a_made_up_clock_runs_faster() -> None:
    clock = MadeUpClock(START, 36_000)
    assert not clock.real
    assert START <= clock.now() < START + HOUR
    began = time.monotonic()
    asyncio.run(clock.sleep_until(START + HOUR))
    assert time.monotonic() - began < 2
    assert clock.now() >= START + HOUR


@pytest.mark.parametrize("speed", [0, -1, float("inf")])
def test_a_made_up_clock_cannot_jump(speed: float) -> None:
    with pytest.raises(ValueError, match="JumpingClock"):
        MadeUpClock(START, speed)


def test_clocks_want_aware_times() -> None:
    with pytest.raises(ValueError, match="aware"):
        JumpingClock(START.replace(tzinfo=None))


def test_sleepers_wake_in_order_at_their_very_time() -> None:
    async def story() -> list[tuple[str, datetime]]:
        clock, told = JumpingClock(START), []

        async def sleeper(name: str, hours: int, again: int) -> None:
            for n in range(1, again + 1):
                await clock.sleep_until(START + hours * n * HOUR)
                told.append((name, clock.now()))

        async with asyncio.TaskGroup() as group:
            for name, hours, again in (("c", 3, 2), ("a", 1, 6), ("b", 2, 3)):
                group.create_task(sleeper(name, hours, again))
            await clock.run(START + 6 * HOUR)
        assert clock.now() == START + 6 * HOUR
        return told

    told = asyncio.run(story())
    assert [at for _, at in told] == sorted(at for _, at in told)
    assert [name for name, at in told if at == START + 6 * HOUR] == ["c", "b", "a"]  # as they lay down
    assert told == asyncio.run(story())


def test_the_clock_stands_while_somebody_works_in_a_thread() -> None:
    async def story() -> None:
        clock = JumpingClock(START)
        seen: list[datetime] = []

        async def worker() -> None:
            with clock.busy():
                for _ in range(3):
                    await asyncio.to_thread(time.sleep, 0.03)
                    seen.append(clock.now())
            await clock.sleep_until(START + 2 * HOUR)
            with clock.busy():
                await asyncio.to_thread(time.sleep, 0.03)
                seen.append(clock.now())

        async with asyncio.TaskGroup() as group:
            group.create_task(worker())
            group.create_task(clock.sleep_until(START + HOUR))
            group.create_task(clock.sleep_until(START + 3 * HOUR))
            await asyncio.sleep(0)
            await clock.run(START + 3 * HOUR)
        assert seen == [START, START, START, START + 2 * HOUR]

    asyncio.run(story())


def test_who_gave_up_sleeping_holds_nobody() -> None:
    async def story() -> None:
        clock = JumpingClock(START)
        gone = asyncio.create_task(clock.sleep_until(START + HOUR))
        await asyncio.sleep(0)
        assert clock.next_waking() == START + HOUR
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert clock.next_waking() is None
        await clock.run(START + HOUR)

    asyncio.run(story())


def test_an_endless_run_waits_for_new_sleepers() -> None:
    async def story() -> None:
        clock = JumpingClock(START)
        driver = asyncio.create_task(clock.run())
        await asyncio.sleep(0.05)
        await asyncio.wait_for(clock.sleep_until(START + HOUR), 2)
        assert clock.now() == START + HOUR
        driver.cancel()
        await asyncio.gather(driver, return_exceptions=True)

    asyncio.run(story())


def test_set_by_hand_it_wakes_all_who_slept_until_then() -> None:
    async def story() -> None:
        clock = JumpingClock(START)
        tasks = [asyncio.create_task(clock.sleep_until(START + n * HOUR)) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        clock.move_to(START + 2 * HOUR)
        await asyncio.sleep(0.01)
        assert [task.done() for task in tasks] == [True, True, False]
        clock.move_to(START)
        assert clock.now() == START + 2 * HOUR
        tasks[2].cancel()

    asyncio.run(story())
