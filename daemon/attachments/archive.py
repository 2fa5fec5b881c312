"""ZIP files: Office documents among them are read as such, others are listed, and what they hold is read to depth 2."""

from __future__ import annotations

import io
import struct
import zipfile

from daemon.attachments import limits
from daemon.attachments.limits import Encrypted, Found, TooLarge

_UTF8_NAME = 0x800
_ENCRYPTED = 0x1
_UNICODE_PATH = 0x7075  # Info-ZIP's own field for the name in UTF-8


def read_zip(found: Found, name: str, data: bytes, depth: int) -> None:
    """A ZIP of any kind. Raises TooLarge when more is unpacked than a part may, Encrypted if it is locked whole."""
    from daemon.attachments.office import read_office  # the three call one another

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if not read_office(found, archive):
            _read_members(found, archive, depth)


def _read_members(found: Found, archive: zipfile.ZipFile, depth: int) -> None:
    from daemon.attachments.kinds import open_member

    entries = [info for info in archive.infolist() if not info.is_dir()]
    names = {id(info): member_name(info) for info in entries}
    room = limits.MEMBERS - len(found.members)
    found.members += [names[id(info)] for info in entries[:room]]
    if len(entries) > room:
        raise TooLarge
    if entries and all(info.flag_bits & _ENCRYPTED for info in entries):
        raise Encrypted
    if depth >= limits.DEPTH:
        return
    for info in entries:
        if info.flag_bits & _ENCRYPTED:
            found.error = found.error or "encrypted"
            continue
        name = names[id(info)]
        found.add_text(f"【{name}】")
        open_member(found, name, "", unpacked(found, archive, info), depth + 1)


def unpacked(found: Found, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's bytes, read piece by piece against the part's budget: the size that the ZIP tells is not believed."""
    pieces = []
    with archive.open(info) as stream:
        while piece := stream.read(1 << 16):
            found.unpack_left -= len(piece)
            if found.unpack_left < 0:
                raise TooLarge
            pieces.append(piece)
    return b"".join(pieces)


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
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for charset in ("utf-8", "gb18030"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    return raw.decode("gb18030", "replace")
