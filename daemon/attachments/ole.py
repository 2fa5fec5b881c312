"""Microsoft's compound files, by olefile: old Word and Excel files, .wps and .et, and locked new ones."""

from __future__ import annotations

import io
import re

import olefile

from daemon.attachments import limits
from daemon.attachments.limits import Encrypted, Found, TooLarge, Unsupported

_PICTURE = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff[\xe0\xe1]")
_MOST_PICTURES = 8


def read_ole(found: Found, data: bytes) -> None:
    """Reads what is inside by the names of the streams. Raises Encrypted and Unsupported."""
    with olefile.OleFileIO(io.BytesIO(data)) as streams:
        if streams.exists("EncryptedPackage"):
            raise Encrypted
        if streams.exists("WordDocument"):
            from daemon.attachments.worddoc import read_doc

            tables = (_stream(streams, "0Table"), _stream(streams, "1Table"))
            read_doc(found, _stream(streams, "WordDocument"), tables)
            _pictures(found, _stream(streams, "Data"))
            return
        if book := _stream(streams, "Workbook") or _stream(streams, "Book"):
            from daemon.attachments.oldsheets import read_xls

            read_xls(found, book)
            return
    raise Unsupported


def _stream(streams: olefile.OleFileIO, name: str) -> bytes:
    return bytes(streams.openstream(name).read()) if streams.exists(name) else b""


def _pictures(found: Found, data: bytes) -> None:
    """QR codes on the pictures of an old Word file: a scan of the form is often pasted into one."""
    from daemon.attachments.kinds import open_member  # the two call one another

    inner = found.pictures()
    for start in [picture.start() for picture in _PICTURE.finditer(data)][:_MOST_PICTURES]:
        try:
            open_member(inner, "", "", data[start:], limits.DEPTH)
        except TooLarge:
            break  # the words were read; a picture too large for us says nothing against them
    found.take_pictures(inner)
