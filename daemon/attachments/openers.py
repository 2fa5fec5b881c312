"""Opens attachments in limited child processes: the service never parses a file that somebody sent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass

from daemon.attachments import limits, ocr, wire
from daemon.reading.shapes import Opened, Part

_START_SECONDS = 30.0


class Openers:
    """A pool of `workers` children, each started when it is first needed and again after it died or was killed.

    `reads_pictures`: the words on images and scans too, if duban[ocr] is installed. `seconds`: the time for a part;
    all parts of one letter get as much of each worker, so that no letter keeps the others waiting for long.
    `holds`: what limits a child, as it said itself (rlimit, seccomp); empty before the first one was started.
    """

    def __init__(self, workers: int = 2, *, seconds: float = 0.0, reads_pictures: bool = False) -> None:
        reads_pictures = reads_pictures and ocr.installed()
        self._seconds = seconds or (limits.PART_SECONDS_OCR if reads_pictures else limits.PART_SECONDS)
        self._children = [_Child(_environment(reads_pictures)) for _ in range(workers)]
        self._free: asyncio.LifoQueue[_Child] = asyncio.LifoQueue()
        for child in self._children:
            self._free.put_nowait(child)
        self.holds: tuple[str, ...] = ()

    async def open_parts(self, parts: Sequence[Part]) -> tuple[Opened, ...]:
        """What each part holds, in their order. Never raises for what a part does: see Opened.error."""
        budget = _Budget(self._seconds * len(self._children))
        return tuple(await asyncio.gather(*(self._open(part, budget) for part in parts)))

    async def _open(self, part: Part, budget: _Budget) -> Opened:
        if len(part.data) > limits.PART_BYTES:
            return Opened(part.index, error="too_large")
        child = await self._free.get()
        begun = asyncio.get_running_loop().time()
        try:
            if budget.left <= 0:
                return Opened(part.index, error="timeout")
            return await self._ask(child, part, min(self._seconds, budget.left))
        except TimeoutError:
            return Opened(part.index, error="timeout")
        except (_Died, wire.BadFrame):
            return Opened(part.index, error="killed")
        finally:
            budget.left -= asyncio.get_running_loop().time() - begun
            if not child.sound:
                await child.stop()
            self._free.put_nowait(child)

    async def _ask(self, child: _Child, part: Part, seconds: float) -> Opened:
        await child.start()
        self.holds = child.holds
        try:
            return await child.ask(part, seconds)
        except _Died:
            if not await child.left_of_itself():
                raise
        await child.start()  # it had been idle for long and went just now: no fault of this part
        return await child.ask(part, seconds)

    async def close(self) -> None:
        """Ends every child."""
        await asyncio.gather(*(child.stop() for child in self._children))


@dataclass(slots=True)
class _Budget:
    """Seconds of the children's time that the parts of one letter may still take, starts and deaths counted."""

    left: float


class _Died(Exception):
    """The child ended before it answered."""


class _Child:
    """One child process. `sound`: it waits for a part; else it must be stopped."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.process: Process | None = None
        self.holds: tuple[str, ...] = ()
        self.sound = False

    async def start(self) -> None:
        """Starts the process unless it runs, and waits for its word that it is locked in."""
        self.sound = False
        if self.process is not None and self.process.returncode is None:
            return
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "daemon.attachments.child",
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            env=self._environment,
        )
        async with asyncio.timeout(_START_SECONDS):
            hello = wire.read_json(await self._read())
        self.holds = tuple(str(name) for name in hello.get("holds", ()))

    async def ask(self, part: Part, seconds: float) -> Opened:
        """Hands the part over and takes the answer. Raises TimeoutError or _Died."""
        self.sound = False
        assert self.process is not None
        sink = self.process.stdin
        assert sink is not None
        try:
            async with asyncio.timeout(seconds):
                sink.write(wire.pack({"name": part.name, "media_type": part.media_type}))
                sink.write(wire.LENGTH.pack(len(part.data)))
                sink.write(part.data)
                await sink.drain()
                payload = await self._read()
        except (BrokenPipeError, ConnectionResetError) as e:
            raise _Died from e
        told = wire.read_json(payload)
        opened = wire.opened(part.index, told)
        self.sound = not told.get("last", False)
        return opened

    async def left_of_itself(self) -> bool:
        """Whether the dead process had ended in peace. Forgets it."""
        process = self.process
        if process is None:
            return False
        async with asyncio.timeout(_START_SECONDS):
            in_peace = await process.wait() == 0
        self.process = None
        return in_peace

    async def _read(self) -> bytes:
        assert self.process is not None
        source = self.process.stdout
        assert source is not None
        try:
            (length,) = wire.LENGTH.unpack(await source.readexactly(wire.LENGTH.size))
            if length > wire.ANSWER_BYTES:
                raise wire.BadFrame(f"an answer of {length} bytes")
            return await source.readexactly(length)
        except asyncio.IncompleteReadError as e:
            raise _Died from e

    async def stop(self) -> None:
        """Kills the process and waits until it is gone."""
        process, self.process, self.sound = self.process, None, False
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _environment(reads_pictures: bool) -> dict[str, str]:
    """All that a child is told: where the modules are. Nothing of our own environment, for secrets may be in it."""
    return {
        "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "LC_ALL": "C.UTF-8",
        **({ocr.ASKED: "1", **ocr.ENVIRONMENT} if reads_pictures else {}),
    }
