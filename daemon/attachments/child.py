"""The limited child: reads one part after another from its input, answers with what is in it, knows nothing else."""

from __future__ import annotations

import io
import json
import os
import resource
import select
import sys
from typing import BinaryIO

from daemon.attachments import jail, limits, ocr, wire
from daemon.attachments.kinds import open_part
from daemon.attachments.limits import Encrypted, Found, TooLarge, Unsupported


def answer(name: str, media_type: str, data: bytes) -> dict[str, object]:
    """What one part holds, as the fields of Opened. Whatever a file makes a library raise is an outcome."""
    found = Found()
    try:
        open_part(found, name, media_type, data)
    except (TooLarge, MemoryError):
        found.error = "too_large"
    except Encrypted:
        found.error = "encrypted"
    except Unsupported:
        found.error = "unsupported"
    except Exception:  # noqa: BLE001 - a damaged file raises anything at all; its error is told, not hidden
        found.error = "damaged"
    return {
        "text": "\n".join(found.text)[: limits.TEXT_CHARACTERS],
        "ocr": "\n".join(found.ocr)[: limits.TEXT_CHARACTERS],
        "form": found.form,
        "codes": found.codes,
        "members": found.members[: limits.MEMBERS],
        "pages": found.pages,
        "seal": found.seal,
        "error": found.error,
    }


def serve(source: io.RawIOBase, sink: BinaryIO) -> None:
    """Part after part, until the input ends, nothing came for long, or much was used up."""
    while _ready(source):
        head = wire.read_frame(source)
        data = wire.read_frame(source) if head is not None else None
        if head is None or data is None:
            return
        asked = json.loads(head)
        told = answer(asked["name"], asked["media_type"], data)
        del data
        used = resource.getrusage(resource.RUSAGE_SELF)
        last = used.ru_utime + used.ru_stime > limits.RETIRE_AFTER_CPU
        sink.write(wire.pack({**told, "last": last}))
        sink.flush()
        if last:
            return


def _ready(source: io.RawIOBase) -> bool:
    return bool(select.select([source], [], [], limits.IDLE_SECONDS)[0])


def main() -> None:
    """Locks itself in, says what holds, then serves. Its own output is kept from libraries that print."""
    source = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115 - for the life of the process
    sink = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    holds = jail.lock(limits.ADDRESS_SPACE_OCR if ocr.wanted() else limits.ADDRESS_SPACE)
    sink.write(wire.pack({"holds": holds}))
    sink.flush()
    serve(_Whole(source), sink)


class _Whole(io.RawIOBase):
    """An unbuffered stream whose read() returns all that was asked for, so that select() tells the truth."""

    def __init__(self, raw: io.RawIOBase) -> None:
        self._raw = raw

    def fileno(self) -> int:
        return self._raw.fileno()

    def read(self, count: int = -1) -> bytes:
        whole = bytearray()
        while len(whole) < count:
            piece = self._raw.read(count - len(whole))
            if not piece:
                break
            whole += piece
        return bytes(whole)


if __name__ == "__main__":
    main()
