"""Frames between the service and its limited child: a length in four bytes, then JSON or the part's bytes."""

from __future__ import annotations

import json
import struct
from io import RawIOBase
from typing import Any

from daemon.reading.shapes import Opened

LENGTH = struct.Struct(">I")
#: The largest answer that is read from a child: 200,000 characters as JSON, names and cells beside them.
ANSWER_BYTES = 4 << 20


class BadFrame(Exception):
    """The other end sent what it must not send."""


def frame(payload: bytes) -> bytes:
    """A payload with its length in front."""
    return LENGTH.pack(len(payload)) + payload


def pack(data: dict[str, Any]) -> bytes:
    """A frame of JSON. Lone surrogates, which a damaged file may hold, become question marks."""
    text = json.dumps(data, ensure_ascii=False)
    return frame(text.encode("utf-8", "replace"))


def read_frame(stream: RawIOBase) -> bytes | None:
    """The next payload, blocking; None at the end of the stream."""
    head = stream.read(LENGTH.size) or b""
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    payload = stream.read(length) or b""
    return payload if len(payload) == length else None


def read_json(payload: bytes) -> dict[str, Any]:
    """A payload of JSON that must be an object."""
    try:
        data = json.loads(payload)
    except ValueError as e:
        raise BadFrame(f"no JSON: {e}") from e
    if not isinstance(data, dict):
        raise BadFrame("no object")
    return data


def opened(index: int, data: dict[str, Any]) -> Opened:
    """An answer as the parent believes it: every field checked, for the child may be in the hands of its part."""
    form = data.get("form", {})
    pages = data.get("pages", 0)
    seal = data.get("seal")
    if not isinstance(form, dict) or not isinstance(pages, int) or not isinstance(seal, bool | None):
        raise BadFrame("wrong fields")
    return Opened(
        index=index,
        text=_text(data.get("text", ""), 300_000),
        ocr=_text(data.get("ocr", ""), 300_000),
        form={_text(k, 100): _text(v, 50_000) for k, v in list(form.items())[:50]},
        codes=_texts(data.get("codes", []), 20),
        members=_texts(data.get("members", []), 1000),
        pages=pages,
        seal=seal,
        error=_text(data.get("error", ""), 40),
    )


def _text(value: object, most: int) -> str:
    if not isinstance(value, str):
        raise BadFrame("a text was expected")
    return value[:most]


def _texts(value: object, most: int) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadFrame("a list was expected")
    return tuple(_text(v, 2000) for v in value[:most])
