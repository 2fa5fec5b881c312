"""Archives other than ZIP for the tests, made in memory: 7z, tar, and the headers of RAR 4 and 5."""

from __future__ import annotations

import io
import struct
import tarfile
import zlib

import py7zr


def sevenzip(members: dict[str, bytes], *, password: str | None = None, lock_names: bool = False) -> bytes:
    """A 7z with these members."""
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=lock_names) as archive:
        for name, data in members.items():
            archive.writestr(data, name)
    return out.getvalue()


def sevenzip_by(method: int, name: str, data: bytes) -> bytes:
    """A 7z packed by one of py7zr's filters."""
    filters = [{"id": method}] if method != py7zr.FILTER_PPMD else [{"id": method, "order": 6, "mem": 24}]
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=filters) as archive:
        archive.writestr(data, name)
    return out.getvalue()


def tar(members: dict[str, bytes], *, charset: str = "utf-8", packed: str = "") -> bytes:
    """A tar in the old format, names as bytes of `charset`; `packed`: gz, bz2 or xz."""
    out = io.BytesIO()
    kind = tarfile.GNU_FORMAT
    with tarfile.open(fileobj=out, mode=f"w:{packed}", format=kind, encoding=charset) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def rar4(names: list[bytes], *, locked: bool = False) -> bytes:
    """A RAR 4 archive whose files have names of bytes and nothing that could be unpacked."""

    def block(kind: int, flags: int, body: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name in names:
        sizes = struct.pack("<II", 5, 9)
        told = struct.pack("<BIIBBHI", 2, 0x12345678, 0x5A6B7C8D, 29, 0x33, len(name), 32)
        out += block(0x74, 0x8000 | (0x04 if locked else 0), sizes + told + name) + b"xxxxx"
    return out + block(0x7B, 0x4000, b"")


def rar5(names: list[str], *, locked_names: bool = False) -> bytes:
    """A RAR 5 archive of the same kind; names in it are UTF-8."""

    def vint(number: int) -> bytes:
        out = b""
        while number > 0x7F:
            out += bytes((number & 0x7F | 0x80,))
            number >>= 7
        return out + bytes((number,))

    def block(kind: int, body: bytes, data: bytes = b"") -> bytes:
        told = vint(kind) + vint(2 if data else 0) + (vint(len(data)) if data else b"") + body
        head = vint(len(told)) + told
        return struct.pack("<I", zlib.crc32(head)) + head + data

    out = b"Rar!\x1a\x07\x01\x00"
    if locked_names:
        return out + block(4, vint(0) + vint(0) + bytes((15,)) + bytes(16)) + bytes(64)
    out += block(1, vint(0))
    for name in names:
        raw = name.encode()
        body = vint(0) + vint(9) + vint(0o100644) + vint(3 << 7) + vint(1) + vint(len(raw)) + raw
        out += block(2, body, b"xxxxx")
    return out + block(5, vint(0))
