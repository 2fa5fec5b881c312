"""A line between a client and a server that a test can listen to, freeze without a word, or cut."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Proxy:
    """Forwards one loopback port to another. `heard`: what the clients said. Use as an async context manager."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.heard = bytearray()
        self.connections = 0
        self._frozen = False
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def freeze(self) -> None:
        """From now on nothing passes, in neither direction, and nobody is told: a dead NAT entry."""
        self._frozen = True

    def thaw(self) -> None:
        """New connections pass again; what was swallowed stays lost."""
        self._frozen = False

    def cut(self) -> None:
        """Closes every line at once."""
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        me = asyncio.current_task()
        assert me is not None
        self._tasks.add(me)
        try:
            await asyncio.gather(self._pass(reader, back, listen=True), self._pass(there, writer, listen=False))
        except asyncio.CancelledError:
            pass  # the test is over; asyncio would log a server's callback that was cancelled
        finally:
            self._tasks.discard(me)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, listen: bool) -> None:
        try:
            while data := await reader.read(1 << 16):
                if listen:
                    self.heard += data
                if not self._frozen:
                    writer.write(data)
                    await writer.drain()
        except (ConnectionError, OSError):
            pass  # one side is gone; the other one learns it here
        finally:
            self._writers.discard(writer)
            if not self._frozen:
                writer.close()
