"""An IMAP server by script, for what no sound server does on request: odd answers, half lines, sizes that are wrong."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from types import TracebackType

_FETCH = re.compile(r"UID FETCH (\S+) \((.*)\)$", re.I)


@dataclass
class Oddities:
    """What is odd about it. Mails are by UID; `hidden`: listed, but without data; `lies`: RFC822.SIZE is one more."""

    mails: dict[int, bytes] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    hidden_once: set[int] = field(default_factory=set)
    lies: bool = False
    uidnext: bool = True
    idle: bool = True
    id_known: bool = True
    examine: str = ""
    amid: bytes = b""  # said before the tagged end of the next FETCH of texts
    before_plus: bytes = b""  # said before IDLE's `+`
    in_idle: tuple[bytes, ...] = ()  # said in IDLE, piece by piece


class OddImap:
    """Listens on a free loopback port. `heard`: every command. Use as an async context manager."""

    def __init__(self, odd: Oddities) -> None:
        self.odd = odd
        self.heard: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> OddImap:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode("ascii", "replace").strip().partition(" ")
            self.heard.append(command)
            word = command.split(" ")[0].upper()
            if word == "IDLE":
                await self._idle(reader, writer, tag)
                continue
            writer.write(self._answer(word, command))
            if word == "EXAMINE" and self.odd.examine:
                writer.write(f"{tag} NO {self.odd.examine}\r\n".encode())
            else:
                writer.write(f"{tag} OK done\r\n".encode())
            await writer.drain()
        writer.close()

    def _answer(self, word: str, command: str) -> bytes:
        if word == "CAPABILITY":
            more = (" IDLE" if self.odd.idle else "") + (" ID" if self.odd.id_known else "")
            return f"* CAPABILITY IMAP4rev1{more}\r\n".encode()
        if word == "EXAMINE" and not self.odd.examine:
            following = max(self.odd.mails, default=0) + 1
            told = f"* OK [UIDNEXT {following}] next\r\n" if self.odd.uidnext else ""
            return f"* {len(self.odd.mails)} EXISTS\r\n* OK [UIDVALIDITY 5] valid\r\n{told}".encode()
        if word == "LIST":
            return b'* LIST () "/" "INBOX"\r\n* LIST () "/" "&V4NXPpCuTvY-"\r\n'
        found = _FETCH.match(command)
        return self._fetch(found[1], "BODY.PEEK" in found[2]) if found else b""

    def _fetch(self, which: str, texts: bool) -> bytes:
        out = b""
        for number, (uid, raw) in enumerate(sorted(self.odd.mails.items()), 1):
            if not _holds(which, uid, max(self.odd.mails)):
                continue
            size = len(raw) + (1 if self.odd.lies else 0)
            out += b'* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "24-Nov-2026 09:30:00 +0800"' % (number, uid, size)
            if texts and uid not in self.odd.hidden | self.odd.hidden_once:
                out += b" BODY[] {%d}\r\n%s" % (len(raw), raw)
            self.odd.hidden_once -= {uid} if texts else set()
            out += b")\r\n"
        if texts:
            out, self.odd.amid = out + self.odd.amid, b""
        return out

    async def _idle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tag: str) -> None:
        writer.write(self.odd.before_plus + b"+ idling\r\n")
        for piece in self.odd.in_idle:
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.write(piece)
        await writer.drain()
        await reader.readline()
        writer.write(f"{tag} OK idled\r\n".encode())


def _holds(which: str, uid: int, last: int) -> bool:
    for run in which.split(","):
        low, _, high = run.partition(":")
        bounds = sorted(last if b == "*" else int(b) for b in (low, high or low))
        if bounds[0] <= uid <= bounds[1]:
            return True
    return False
