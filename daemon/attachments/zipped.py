"""ZIP files: Office documents among them are read as such, others are listed, and what they hold is read to depth 2."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

from daemon.attachments import limits
from daemon.attachments.archive import chinese, list_members, read_member, spend
from daemon.attachments.limits import Encrypted, Found

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_UNICODE_PATH = 0x7075  # Info-ZIP's own field for the name in UTF-8


def read_zip(found: Found, data: bytes, depth: int) -> None:
    """A ZIP of any kind. Raises TooLarge when more is unpacked than a part may, Encrypted if it is locked whole."""
    from daemon.attachments.office import read_office  # the three call one another

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not read_office(found, archive):
            _read_members(found, archive, depth)


def _read_members(found: Found, archive: zipfile.ZipFile, depth: int) -> None:
    entries = [info for info in archive.infolist() if not info.is_dir()]
    list_members(found, [member_name(info) for info in entries])
    if entries and all(info.flag_bits & _ENCRYPTED for info in entries):
        raise Encrypted
    if depth >= limits.DEPTH:
        return
    for info in entries:
        if info.flag_bits & _ENCRYPTED:
            found.error = found.error or "encrypted"
        else:
            read_member(found, member_name(info), unpacked(found, archive, info), depth)


def unpacked(found: Found, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes. Raises TooLarge."""

    def pieces() -> Iterator[bytes]:
        with archive.open(info) as stream:
            while piece := stream.read(1 << 16):
                yield piece

    return spend(found, pieces())


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name: UTF-8 where its bit or Info-ZIP's field says so, else GBK as Chinese Windows writes it."""
    if info.flag_bits & _UTF8_NAME:
        return info.filename
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _UNICODE_PATH and length > 5:
            return extra[9 : 4 + length].decode("utf-8", "replace")
        extra = extra[4 + length :]
    try:
        return chinese(info.filename.encode("cp437"))
    except UnicodeEncodeError:
        return info.filename
